"""From log files to rows: which bytes are new, what each record is, how it joins what is there.

days         which days a database is asked for
manifest     which files have new bytes, and from where
read         records -> redacted rows of chats, votes, quarantine and the record ledger
occurrences  ids of records: a rotated or rewritten file holds no new ones
merge        rows -> store: the latest version of a chat wins, days are settled
votes        votes -> store: each finds its chat, whichever came first
"""
