from schemas.conversation import text_message
from tasks.sources.threads import first_words

HI = text_message("user", "Hi")


def test_what_begins_alike_is_one_thread():
    system, answer = text_message("system", "Be kind."), text_message("assistant", "Hello")
    assert first_words([HI]) == first_words([system, HI, answer, text_message("user", "More")])
    assert first_words([HI]) != first_words([text_message("user", "Hello")])


def test_pictures_without_words_are_told_apart():
    pictures = [{**text_message("user", ""), "parts": f'[{{"url":"{n}"}}]'} for n in (1, 2)]
    assert first_words(pictures[:1]) != first_words(pictures[1:])


def test_where_no_user_speaks_there_is_no_thread():
    assert first_words([text_message("assistant", "Hello")]) is None
