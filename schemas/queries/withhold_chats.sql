-- Chats from which a value cannot be cut out leave; their records are quarantined.
CREATE OR REPLACE TEMP TABLE gone AS
SELECT chat_id FROM chats JOIN changes c ON chats.messages = c.old
WHERE list_contains(list_transform(c.found, lambda f: f.kind), $withheld);

INSERT INTO quarantine BY NAME
SELECT day, record_id, source, path || ':' || line AS location, 'private_left' AS reason,
       'found by later rules, and cannot be cut out' AS detail, NULL AS payload
FROM records SEMI JOIN gone USING (chat_id);

UPDATE votes SET chat_id = NULL WHERE chat_id IN (FROM gone);

UPDATE records SET outcome = 'quarantine', ref_keys = [], message_keys = [],
    session_keys = [], chat_id = NULL, turn = NULL
WHERE chat_id IN (FROM gone);

DELETE FROM chats WHERE chat_id IN (FROM gone)
