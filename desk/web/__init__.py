"""HTTP in and out: each module reads a request, asks one use case, and writes an answer."""
