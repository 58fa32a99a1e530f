"""Asking a language model behind any OpenAI-compatible server. Only workers import this; see optimizers.PATHS.

The whole question, its one retry included, has one time limit. While it waits, `on_step` is called twice a second,
so a person's Stop ends it at once and the row's lease stays fresh. Nothing that arrives is believed: its size is
bounded while it is read, and its text goes through videogen.prompts.trust afterwards.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Self

import httpx2
import openai
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from PIL import Image

from videogen.errors import GenerationError
from videogen.phase import Phase
from videogen.pipelines.base import OnStep
from videogen.prompts import instructions
from videogen.prompts.context import PromptContext

ANSWER_BYTES = 256 * 1024
PICTURE_SIDE = 768  # pixels; enough to see who stands where, small enough for a local model
CONNECT_SECONDS = 5.0
TICK_SECONDS = 0.5
PAUSE_SECONDS = 1.0  # before the second try; a server may ask for more in Retry-After
LONGEST_PAUSE_SECONDS = 10.0
PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504})  # HTTP answers that may be better next time


@dataclass(frozen=True, slots=True)
class Server:
    """The language model's server. seconds: for the whole answer, retry included."""

    url: str
    model: str
    key: str
    sees_images: bool
    seconds: float

    @classmethod
    def configured(cls) -> Self:
        """Read the settings. Raises GenerationError where they name no server or no model."""
        missing = [name for name in ("PROMPT_LLM_URL", "PROMPT_LLM_MODEL") if not getattr(settings, name)]
        if missing:
            raise GenerationError("optimizer_unavailable", reason=f"{' and '.join(missing)} must be set there.")
        return cls(
            url=settings.PROMPT_LLM_URL,
            model=settings.PROMPT_LLM_MODEL,
            key=settings.PROMPT_LLM_KEY,
            sees_images=settings.PROMPT_LLM_IMAGES,
            seconds=settings.PROMPT_LLM_SECONDS,
        )


def rewrite(context: PromptContext, on_step: OnStep) -> str:
    """Ask for a rewrite and return the answer, unchecked. Raises GenerationError, and whatever `on_step` raises."""
    server = Server.configured()
    messages: list[Any] = [
        {"role": "system", "content": instructions.system_prompt(context)},
        {"role": "user", "content": _content(context, server)},
    ]
    answer: str = async_to_sync(_watched)(_ask(server, messages), on_step)
    return answer


def _content(context: PromptContext, server: Server) -> str | list[dict[str, Any]]:
    if not server.sees_images or not context.frames:
        return instructions.user_message(context)
    text = instructions.user_message(context, tuple(context.frames))
    pictures = [{"type": "image_url", "image_url": {"url": _data_url(frame)}} for frame in context.frames.values()]
    return [{"type": "text", "text": text}, *pictures]


def _data_url(picture: Image.Image) -> str:
    small = picture.convert("RGB")
    small.thumbnail((PICTURE_SIDE, PICTURE_SIDE), Image.Resampling.LANCZOS)
    data = BytesIO()
    small.save(data, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(data.getvalue()).decode()}"


async def _watched(work: Awaitable[str], on_step: OnStep) -> str:
    task = asyncio.ensure_future(work)
    tell = sync_to_async(on_step)  # runs in the thread that called async_to_sync, with its database connection
    try:
        while not (await asyncio.wait({task}, timeout=TICK_SECONDS))[0]:
            await tell(Phase.ENCODING)
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _ask(server: Server, messages: Sequence[Any]) -> str:
    async with _client(server) as client:
        try:
            async with asyncio.timeout(server.seconds):
                try:
                    return await _ask_once(client, server.model, messages)
                except _PassingError as fault:
                    await asyncio.sleep(fault.pause)
                try:
                    return await _ask_once(client, server.model, messages)
                except _PassingError as fault:
                    raise fault.error from fault
        except TimeoutError:
            raise GenerationError("llm_slow", seconds=round(server.seconds)) from None


def _client(server: Server) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        base_url=server.url,
        api_key=server.key or "none",
        max_retries=0,
        timeout=httpx2.Timeout(server.seconds, connect=CONNECT_SECONDS),
        default_headers={"Accept-Encoding": "identity"},  # so that the bytes counted are the bytes read
        # The operator named one server: nothing goes to another because that one says so, the key and the script least.
        http_client=openai.DefaultAsyncHttpxClient(event_hooks={"response": [_bound]}, follow_redirects=False),
    )


class _PassingError(Exception):
    """A fault that may be gone at the second try. error: what the person reads if it is not."""

    def __init__(self, error: GenerationError, pause: float = PAUSE_SECONDS) -> None:
        super().__init__(error.code)
        self.error = error
        self.pause = pause


async def _ask_once(client: openai.AsyncOpenAI, model: str, messages: Sequence[Any]) -> str:
    try:
        # No temperature and no token limit: servers differ in which of them they accept, and under which name.
        answer = await client.chat.completions.with_raw_response.create(model=model, messages=list(messages))
    except openai.APIStatusError as error:
        raise _status_fault(error) from error
    except _TooLargeError as error:
        raise GenerationError("llm_unreadable") from error
    except (openai.APIConnectionError, httpx2.HTTPError) as error:
        raise _PassingError(GenerationError("llm_unreachable")) from error
    return _text_of(answer.content)


def _status_fault(error: openai.APIStatusError) -> Exception:
    status = error.status_code
    if status == 429:
        return _PassingError(GenerationError("llm_busy"), _pause(error.response.headers.get("Retry-After", "")))
    if status in PASSING or status >= 500:
        return _PassingError(GenerationError("llm_failed", status=status))
    return GenerationError("llm_refused_call", status=status)


def _pause(asked: str) -> float:
    return min(max(float(asked), PAUSE_SECONDS), LONGEST_PAUSE_SECONDS) if asked.isdecimal() else PAUSE_SECONDS


def _text_of(body: bytes) -> str:
    """Return the words of a chat completion, whatever else the server put around them."""
    try:
        choice = json.loads(body)["choices"][0]
        message = choice["message"]
        text = message["content"]
        ended, refused = choice.get("finish_reason"), message.get("refusal")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise GenerationError("llm_unreadable") from error
    if refused or ended == "content_filter":
        raise GenerationError("rewrite_refused")
    if ended == "length":
        raise GenerationError("rewrite_cut_off")
    if text is not None and not isinstance(text, str):
        raise GenerationError("llm_unreadable")
    return text or ""


class _TooLargeError(Exception):
    """The answer is longer than any prompt could be."""


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for chunk in self._stream:
            read += len(chunk)
            if read > ANSWER_BYTES:
                raise _TooLargeError
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _bound(response: httpx2.Response) -> None:
    """Count the bytes of every answer, errors too, and refuse compressed ones, which could unfold without limit."""
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise _TooLargeError
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Bounded(response.stream)
