"""The pure core that both Pythons import: values in, decisions out.

No input or output beyond reading a named file, nothing but the standard library and PyYAML,
syntax of Python 3.10. Neither `assistant/`, `actions/` nor `desk/` imports another; what two of
them need stands here.
"""
