-- name: keep_mailbox!
-- An account that can be read has a mailbox, which is looked at at once where it was left alone for a while.
insert into mailboxes (workspace_id, sender_account_id) values (:workspace_id, :sender_account_id)
on conflict (workspace_id, sender_account_id) do update
set lease_until = case when mailboxes.reader is null then '-infinity'::timestamptz else mailboxes.lease_until end;

-- name: delete_mailbox!
delete from mailboxes where workspace_id = :workspace_id and sender_account_id = :sender_account_id;

-- name: list_free_mailboxes
-- cross-workspace: the scheduler's read, by a role that sees only these three columns. Those that nobody reads, longest so first.
select workspace_id, sender_account_id from mailboxes where lease_until <= :now order by lease_until, workspace_id limit :limit;

-- name: count_mailboxes
-- cross-workspace: the scheduler's read, by a role that sees only these three columns.
select count(*) from mailboxes;

-- name: claim_mailboxes
-- Those of these that nobody reads are this reader's now.
with free as (
  select m.sender_account_id from mailboxes m
  where m.workspace_id = :workspace_id and m.sender_account_id = any(:account_ids) and m.lease_until <= :now
  order by m.sender_account_id
  for update skip locked)
update mailboxes m set reader = :reader, lease_until = :until
from free f
where m.workspace_id = :workspace_id and m.sender_account_id = f.sender_account_id
returning m.sender_account_id;

-- name: list_mailbox_accounts
-- How to read these, and what was known of them.
select a.id, a.email, a.imap_host, a.imap_port, a.imap_security, a.imap_username, a.imap_password, a.updated_at, m.keeps_copies,
       exists (select from oauth_grants g where g.workspace_id = :workspace_id and g.account_id = a.id) as has_grant,
       exists (select from account_health h
               where h.workspace_id = :workspace_id and h.sender_account_id = a.id and h.mailbox_failures > 0) as has_trouble
from mailboxes m
join sender_accounts a on a.workspace_id = m.workspace_id and a.id = m.sender_account_id
where m.workspace_id = :workspace_id and a.workspace_id = :workspace_id and m.sender_account_id = any(:account_ids)
  and a.imap_host is not null and a.removed_at is null;

-- name: renew_mailboxes
-- Those of these that are still this reader's, and when their accounts were changed last.
with held as (
  select m.sender_account_id from mailboxes m
  where m.workspace_id = :workspace_id and m.sender_account_id = any(:account_ids) and m.reader = :reader
  order by m.sender_account_id
  for update)
update mailboxes m set lease_until = :until
from held, sender_accounts a
where m.workspace_id = :workspace_id and m.sender_account_id = held.sender_account_id
  and a.workspace_id = :workspace_id and a.id = m.sender_account_id
returning m.sender_account_id, a.updated_at;

-- name: release_mailboxes!
-- Nobody reads these until then.
update mailboxes set reader = null, lease_until = :until
where workspace_id = :workspace_id and sender_account_id = any(:account_ids) and reader = :reader;

-- name: note_reads!
-- Locked in the order of all who write to several.
with k as (
  select m.sender_account_id, d.read_at from unnest(:account_ids::uuid[], :instants::timestamptz[]) as d (account_id, read_at)
  join mailboxes m on m.sender_account_id = d.account_id
  where m.workspace_id = :workspace_id
  order by m.sender_account_id
  for update of m)
update mailboxes m set read_at = k.read_at from k where m.workspace_id = :workspace_id and m.sender_account_id = k.sender_account_id;

-- name: leave_mailbox!
-- One that could not be read is left alone until then; not if its account was changed meanwhile.
update mailboxes m
set reader = null, lease_until = case when a.updated_at = :updated_at then :until else '-infinity'::timestamptz end
from sender_accounts a
where m.workspace_id = :workspace_id and m.sender_account_id = :sender_account_id and m.reader = :reader
  and a.workspace_id = :workspace_id and a.id = m.sender_account_id;

-- name: find_account_change
select updated_at from sender_accounts where workspace_id = :workspace_id and id = :sender_account_id;

-- name: note_copies!
update mailboxes set keeps_copies = :keeps, copies_seen_at = :now
where workspace_id = :workspace_id and sender_account_id = :sender_account_id;

-- name: find_mailbox
select reader, nullif(lease_until, '-infinity') as lease_until, read_at, keeps_copies, copies_seen_at
from mailboxes where workspace_id = :workspace_id and sender_account_id = :sender_account_id;

-- name: list_folders
select sender_account_id, name, uid_validity, uid_next from mailbox_folders
where workspace_id = :workspace_id and sender_account_id = any(:account_ids);

-- name: save_folders!
-- Only ever on: a reader whose lease was lost may come late.
insert into mailbox_folders (workspace_id, sender_account_id, name, uid_validity, uid_next)
select :workspace_id, m.sender_account_id, d.name, d.uid_validity, d.uid_next
from unnest(:account_ids::uuid[], :names::text[], :uid_validities::bigint[], :uid_nexts::bigint[])
  as d (account_id, name, uid_validity, uid_next)
join mailboxes m on m.workspace_id = :workspace_id and m.sender_account_id = d.account_id
order by m.sender_account_id, d.name
on conflict (workspace_id, sender_account_id, name) do update
set uid_next = case when mailbox_folders.uid_validity = excluded.uid_validity
                    then greatest(mailbox_folders.uid_next, excluded.uid_next) else excluded.uid_next end,
    uid_validity = excluded.uid_validity;

-- name: list_own_addresses
-- Of the workspace's accounts, removed ones too: their letters are still about.
select email_key from sender_accounts where workspace_id = :workspace_id;
