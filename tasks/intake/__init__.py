"""From log files to rows: which bytes are new, what each record is, how it joins what is there.

manifest    which files have new bytes, and from where
read        records -> redacted rows of chats, votes, quarantine and the record ledger
merge       rows -> store: latest version of a chat wins, days are settled, votes find chats
"""
