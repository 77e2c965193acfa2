-- A claim tells what its call may cost, so that caps hold over processes. Claims last for minutes:
-- the table is made anew, empty.
DROP TABLE claims;
