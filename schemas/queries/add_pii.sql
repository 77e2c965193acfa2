-- Add what was found in chats that are about to change to the counts they have.
UPDATE chats SET pii = total.pii
FROM (
    SELECT chat_id, list({'kind': kind, 'replaced': replaced} ORDER BY kind) AS pii
    FROM (
        SELECT chat_id, f.kind, CAST(sum(f.replaced) AS INTEGER) AS replaced
        FROM (
            SELECT chat_id, unnest(list_concat(pii, c.found)) AS f
            FROM chats JOIN changes c ON chats.messages = c.old
        )
        GROUP BY chat_id, f.kind
    )
    GROUP BY chat_id
) total
WHERE chats.chat_id = total.chat_id
