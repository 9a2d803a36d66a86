"""Where the desk keeps things: tables, the database they live in, and their migrations."""
