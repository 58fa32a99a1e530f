"""Scratch voices: who speaks a line, how long it takes, and its sound. docs/decisions/0081.

`line`, `languages`, `engines`, `casting` and `length` are for every process; `speaking` and the modules of the
engines are for workers only: they load arrays, and with the extra `voices` an onnxruntime.
"""
