"""How the strong model is asked for an answer: style, examples, request, endpoint."""
