"""Why a format cannot say a row; the card and the command count these, so none is lost."""

REASONS = {
    "tools": "the format has no place for tools and their calls",
    "roles_out_of_turn": "user (or tool) and assistant do not speak in turn, the system first",
    "words_beside_a_call": "a message speaks and calls a tool at once",
    "empty_message": "a message says nothing",
    "no_function": "a tool or a call is no function with a name that the API takes",
    "call_without_result": "a tool's call has no id, no result, or a result has no call",
    "too_many_tools": "more than the 128 tools that the API takes",
    "leak": "the user repeats a prompt of an eval set, added after the dataset was frozen",
    "prompt_differs": "the prompt was rewritten, or its chat has changed: the answer is to another",
    "same_answer": "the worse answer says the same as the better one",
    "empty_answer": "the answer says nothing",
}


class CannotSay(Exception):
    """A format has no words for this row; `reason` is a key of `REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(REASONS[reason])
        self.reason = reason
