-- Which columns an export of a dataset needs: tools, and more of messages than role and content. And
-- how many rows were logged in parts, of which only the text is exported.
SELECT coalesce(bool_or(tools IS NOT NULL), false) AS tools,
       coalesce(bool_and(len(list_filter(messages, lambda m: m.name IS NOT NULL
           OR m.tool_call_id IS NOT NULL OR m.tool_calls IS NOT NULL)) = 0), true) AS words,
       count(*) FILTER (len(list_filter(messages, lambda m: m.parts IS NOT NULL)) > 0) AS with_parts
FROM sft_rows WHERE dataset_version = $version
