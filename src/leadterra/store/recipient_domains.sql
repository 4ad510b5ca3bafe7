-- name: list_matching_workspaces
-- cross-workspace: the scheduler's read. Which workspaces prefer accounts of the recipient's provider; its role sees no more of them.
select workspace_id from workspaces where provider_matching and workspace_id > :after order by workspace_id limit :limit;

-- name: find_end_of_leads
-- The last of so many leads behind a place; ids rise with time.
select s.id
from (select id from leads where workspace_id = :workspace_id and id > :after order by id limit :limit) s
order by s.id desc
limit 1;

-- name: list_unresolved_domains_of_leads
-- Of leads between two places that wait for a message. Step by step, and each lead by its index (OFFSET 0 keeps the inner query as it
-- is): without statistics, as right after a large import, the planner would read all that waits for every lead.
with looked_at as materialized (
  select id, email_domain from leads where workspace_id = :workspace_id and id > :after and id <= :until),
unresolved as materialized (
  select l.id, l.email_domain
  from looked_at l
  left join recipient_domains d on d.workspace_id = :workspace_id and d.domain = l.email_domain
  where d.domain is null or d.retry_at <= :now)
select distinct u.email_domain
from unresolved u
cross join lateral (select e.state from enrollments e where e.workspace_id = :workspace_id and e.lead_id = u.id offset 0) part
where part.state = 'waiting'
limit :limit;

-- name: list_unresolved_domains_of_accounts
-- Of accounts that do not say themselves who their provider is.
select distinct a.email_domain
from sender_accounts a
left join recipient_domains d on d.workspace_id = :workspace_id and d.workspace_id = a.workspace_id and d.domain = a.email_domain
where a.workspace_id = :workspace_id and a.removed_at is null and a.provider is null and (d.domain is null or d.retry_at <= :now)
limit :limit;

-- name: claim_domains
-- Nobody else asks about these until then. Those that somebody else has claimed meanwhile are left out.
insert into recipient_domains (workspace_id, domain, retry_at)
select :workspace_id, u.domain, :until from unnest(:domains::text[]) as u (domain)
on conflict (workspace_id, domain) do update set retry_at = excluded.retry_at where recipient_domains.retry_at <= :now
returning domain;

-- name: save_providers!
update recipient_domains d set provider = u.provider, resolved_at = :now, retry_at = :retry_at
from unnest(:domains::text[], :providers::text[]) as u (domain, provider)
where d.workspace_id = :workspace_id and d.domain = u.domain;

-- name: postpone_domains!
-- There was no answer; what an earlier one said stays.
update recipient_domains set retry_at = :retry_at where workspace_id = :workspace_id and domain = any(:domains);

-- name: forget_domains!
-- Nobody has waited for them for long: else they had been asked for again.
delete from recipient_domains where workspace_id = :workspace_id and retry_at < :before;

-- name: find_provider
select provider from recipient_domains where workspace_id = :workspace_id and domain = :domain;
