-- Rows by the hundred thousand a second. Numbers become ids by a shift: an enrollment's ends in six zero bits.

-- name: insert_leads!
insert into leads (workspace_id, id, email, email_key, email_domain, first_name, last_name, company, created_at, updated_at)
select :workspace_id, ('0195f00000007001a' || lpad(to_hex(n << 6), 15, '0'))::uuid, e.address, e.address, e.domain,
       'Ada', 'Lovelace', 'Engines Ltd', :now, :now
from generate_series(:start::bigint, :end - 1) n
cross join lateral (select 'leads' || mod(n, :domains) || '.test') d (domain)
cross join lateral (select 'lead' || lpad(n::text, 9, '0') || '@' || d.domain, d.domain) e (address, domain);

-- name: insert_enrollments!
-- Every other round over the campaigns is a follow-up, the last of its steps, bound to one of the accounts.
insert into enrollments (workspace_id, id, campaign_id, lead_id, state, position, due_at, last_sent_at, sender_account_id, created_at, updated_at)
select :workspace_id, ('0195f00000007002a' || lpad(to_hex(n << 6), 15, '0'))::uuid,
       (:campaign_ids::uuid[])[1 + mod(n, :campaigns)], ('0195f00000007001a' || lpad(to_hex(n << 6), 15, '0'))::uuid,
       'waiting', case when o.follows then :steps - 1 else 0 end,
       :now - interval '20 hours' + n * :gap::interval,
       case when o.follows then :now - interval '4 days' + n * :gap::interval end,
       case when o.follows then (:account_ids::uuid[])[1 + mod(n / (2 * :campaigns), :accounts)] end,
       :now - interval '31 days', :now - interval '4 days'
from generate_series(:start::bigint, :end - 1) n
cross join lateral (select mod(n / :campaigns, 2) = 1) o (follows);

-- name: insert_messages!
-- What follow-ups were sent before, over the last month.
insert into messages (workspace_id, enrollment_id, step_id, id, campaign_id, lead_id, step_position, step_version, sender_account_id,
                      recipient_domain, state, fence, day, attempts, subject, created_at, claimed_at, data_at, settled_at)
select :workspace_id, ('0195f00000007002a' || lpad(to_hex(n << 6), 15, '0'))::uuid,
       (:step_ids::uuid[])[1 + mod(n, :campaigns) * :steps + p],
       ('0195f00000007002a' || lpad(to_hex((n << 6) + 1 + p), 15, '0'))::uuid,
       (:campaign_ids::uuid[])[1 + mod(n, :campaigns)], ('0195f00000007001a' || lpad(to_hex(n << 6), 15, '0'))::uuid, p, 1,
       (:account_ids::uuid[])[1 + mod(n / (2 * :campaigns), :accounts)],
       (:recipient_domains::uuid[])[1 + mod(n, :domains)],
       'sent', 1 + n / 500, (t.at at time zone 'UTC')::date, 1, 'Hello Ada', t.at, t.at, t.at, t.at
from generate_series(0, :steps - 2) p
cross join generate_series(:start::bigint, :end - 1) n
cross join lateral (select :now - interval '30 days' + p * interval '13 days' + n * 13 * :gap::interval) t (at)
where mod(n / :campaigns, 2) = 1;

-- name: add_units!
-- Of messages of enrollments from that one on.
insert into ledger as l (workspace_id, day, sender_account_id, daily_limit, sent)
select workspace_id, day, sender_account_id, :daily_limit, count(*)
from messages where enrollment_id >= :first group by workspace_id, day, sender_account_id
on conflict (workspace_id, day, sender_account_id) do update set sent = l.sent + excluded.sent;

-- name: add_totals!
-- Of enrollments from that one on.
update campaign_totals t set enrolled = t.enrolled + e.count, open = t.open + e.count, sent = t.sent + coalesce(m.count, 0)
from (select campaign_id, count(*) from enrollments where id >= :first group by campaign_id) e
left join (select campaign_id, count(*) from messages where enrollment_id >= :first group by campaign_id) m
  on m.campaign_id = e.campaign_id
where t.campaign_id = e.campaign_id;

-- name: wake_pools!
update sender_pools set wake_at = :now, claim_number = claim_number + :claims;

-- name: list_keys
-- Primary keys and unique constraints of these tables, with what refers to them behind.
select conrelid::regclass, quote_ident(conname), pg_get_constraintdef(oid)
from pg_constraint
where contype in ('p', 'u') and conrelid = any(:tables::regclass[]) or contype = 'f' and confrelid = any(:tables::regclass[])
order by contype = 'f', oid;

-- name: list_indexes
select quote_ident(indexname), indexdef from pg_indexes where tablename = any(:tables);
