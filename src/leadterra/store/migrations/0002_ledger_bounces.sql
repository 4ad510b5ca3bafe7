-- How many of an account's messages of a day were bounced: refused for the recipient's sake, or returned later. Kept in the
-- settling transaction like the units, of which these are none: a refused message has given its unit back.
alter table ledger add column bounced integer not null default 0;
alter table ledger add constraint ledger_bounced check (bounced >= 0);

-- What was bounced before there was the column. The policies are for the program's role; the owner is let through for a moment.
alter table ledger no force row level security;
alter table messages no force row level security;
update ledger l
set bounced = d.bounced
from (
  select workspace_id, day, sender_account_id, count(*) as bounced
  from messages
  where state = 'bounced' or (state = 'refused' and refusal_scope = 'recipient')
  group by workspace_id, day, sender_account_id) d
where l.workspace_id = d.workspace_id and l.day = d.day and l.sender_account_id = d.sender_account_id;
alter table messages force row level security;
alter table ledger force row level security;
