"""Put votes into the store, and let each find its chat, whichever of the two came first."""

from datetime import datetime

from schemas import contracts, ddl
from tasks.adapters import store
from tasks.intake.by_id import Row, stored


def add_votes(con: store.Connection, votes: list[Row]) -> None:
    """Add votes; of several under one id the one given last counts, whichever was read first."""
    given = sorted([*stored(con, "votes", votes, "vote_id"), *votes], key=_order)
    latest = list({vote["vote_id"]: vote for vote in given}.values())
    store.upsert(con, "votes", contracts.frame("votes", latest), key="vote_id")


def join_votes(con: store.Connection) -> None:
    """Let every vote find its chat: by record, by conversation, by session; mark conflicts."""
    for statement in ddl.query("join_votes").split(";\n"):
        if statement.strip():
            con.execute(statement)


def _order(vote: Row) -> tuple[datetime, str]:
    return vote["voted_at"] or datetime.min, repr((vote["value"], vote["comment"]))
