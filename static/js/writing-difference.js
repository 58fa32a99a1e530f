// Two texts with the words marked in which they differ.
"use strict";

(() => {
  const MOST = 600; // words of a text that are compared one by one

  const wordsOf = (text) => text.split(/(\s+)/).filter((word) => word !== "");

  /** Return for each word of both texts whether it is in the longest sequence that they share. */
  function shared(one, other) {
    const rows = Array.from({ length: one.length + 1 }, () => new Uint16Array(other.length + 1));
    for (let i = one.length - 1; i >= 0; i -= 1) {
      for (let j = other.length - 1; j >= 0; j -= 1) {
        rows[i][j] = one[i] === other[j] ? rows[i + 1][j + 1] + 1 : Math.max(rows[i + 1][j], rows[i][j + 1]);
      }
    }
    const found = [one.map(() => false), other.map(() => false)];
    for (let i = 0, j = 0; i < one.length && j < other.length;) {
      if (one[i] === other[j]) {
        found[0][i] = found[1][j] = true;
        i += 1;
        j += 1;
      } else if (rows[i + 1][j] >= rows[i][j + 1]) i += 1;
      else j += 1;
    }
    return found;
  }

  function marked(words, isShared) {
    const made = document.createDocumentFragment();
    words.forEach((word, index) => {
      if (isShared[index] || !word.trim()) return made.append(word);
      const mark = document.createElement("mark");
      mark.textContent = word;
      return made.append(mark);
    });
    return made;
  }

  /** Return both texts as fragments, with <mark> around the words that the other lacks. */
  function difference(one, other) {
    const words = [wordsOf(one), wordsOf(other)];
    const isShared = words.some((list) => list.length > MOST)
      ? words.map((list) => list.map(() => one === other))
      : shared(...words);
    return words.map((list, index) => marked(list, isShared[index]));
  }

  storyreel.difference = difference;
})();
