-- name: take_fence
-- The number of a new claim. The pool is locked.
update sender_pools set claim_number = claim_number + 1 where workspace_id = :workspace_id returning claim_number;

-- name: insert_letters
-- Letters that are about to go, held until their lease runs out.
insert into warmup_letters (workspace_id, id, sender_account_id, recipient_account_id, number, state, fence, day, lease_until, claimed_at, look_at)
select :workspace_id, d.id, d.sender_id, d.recipient_id, d.number, 'sending', :fence, :day, :lease_until, :now, :lease_until
from unnest(:id::uuid[], :sender_id::uuid[], :recipient_id::uuid[], :number::integer[]) as d (id, sender_id, recipient_id, number)
returning id;

-- name: list_lost_letters
-- Whose lease has run out. Locked: a clearance that is under way is waited for, and counts.
select id, fence, data_at from warmup_letters
where workspace_id = :workspace_id and state = 'sending' and lease_until <= :now
order by id
for update;

-- name: clear_letter!
-- Right before DATA (R7): it may go if nothing has changed that forbids it, and is marked.
update warmup_letters h
set data_at = :now
where h.workspace_id = :workspace_id and h.id = :id and h.fence = :fence and h.state = 'sending' and h.data_at is null and h.day = :day
  and h.lease_until > :now
  and exists (
    select from sender_pools p where p.workspace_id = :workspace_id and h.fence > p.refused_through)
  and exists (
    select from sender_accounts a
    join ledger l on l.workspace_id = a.workspace_id and l.sender_account_id = a.id and l.day = :day
    where a.workspace_id = :workspace_id and l.workspace_id = :workspace_id and a.id = h.sender_account_id and a.status = 'warming'
      and a.removed_at is null and l.sent + l.uncertain + l.reserved <= a.limit_in_force)
  and exists (
    select from sender_accounts r
    where r.workspace_id = :workspace_id and r.id = h.recipient_account_id and r.removed_at is null and r.status in ('active', 'warming'))
  and (select w.daily_quota is null
              or w.daily_quota >= (select sum(u.sent + u.uncertain + u.reserved) from ledger u
                                   where u.workspace_id = :workspace_id and u.day = :day)
       from workspaces w where w.workspace_id = :workspace_id);

-- name: lock_letters
-- Letters to settle. One whose claim was lost and settled is still this worker's only if it is uncertain: nobody knows better.
select id, fence, sender_account_id, recipient_account_id, state, day, claimed_at, data_at
from warmup_letters
where workspace_id = :workspace_id and id = any(:ids::uuid[]) and state in ('sending', 'uncertain')
order by id
for update;

-- name: settle_letters!
update warmup_letters h
set state = d.state, state_reason = d.reason, settled_at = :now, look_at = d.look_at,
    data_at = case when d.is_returned then null else h.data_at end
from unnest(:id::uuid[], :state::text[], :reason::text[], :look_at::timestamptz[], :is_returned::boolean[])
  as d (id, state, reason, look_at, is_returned)
where h.workspace_id = :workspace_id and h.id = d.id;

-- name: bounce_letter
-- One that was sent came back.
update warmup_letters set state = 'bounced', state_reason = :reason, look_at = null
where workspace_id = :workspace_id and id = :id and state = 'sent'
returning sender_account_id, day;

-- name: take_looks
-- Letters whose mailbox is to be asked where they are, and where that mailbox is. Until then nobody else asks.
update warmup_letters h
set look_at = :until, looks = h.looks + 1
from (
  select t.id from warmup_letters t
  where t.workspace_id = :workspace_id and t.look_at <= :now and t.state in ('sent', 'bounced', 'uncertain')
  order by t.look_at, t.id limit :limit for update skip locked) taken
join warmup_letters o on o.workspace_id = :workspace_id and o.id = taken.id
join sender_accounts r on r.workspace_id = o.workspace_id and r.id = o.recipient_account_id
where h.workspace_id = :workspace_id and r.workspace_id = :workspace_id and h.id = taken.id
returning h.id, h.recipient_account_id, h.settled_at, h.looks, r.email, r.removed_at is null as is_present,
          r.imap_host, r.imap_port, r.imap_security, r.imap_username, r.imap_password,
          r.updated_at, exists (select from oauth_grants g where g.workspace_id = :workspace_id and g.account_id = r.id) as has_grant;

-- name: place_letters!
-- Where they were found, or when to look again. A letter keeps the first place that was found.
update warmup_letters h
set placement = coalesce(h.placement, case when h.state in ('sent', 'bounced') then d.placement end), look_at = d.look_at
from unnest(:id::uuid[], :placement::text[], :look_at::timestamptz[]) as d (id, placement, look_at)
where h.workspace_id = :workspace_id and h.id = d.id;
