-- name: insert_totals!
insert into campaign_totals (workspace_id, campaign_id) values (:workspace_id, :campaign_id);

-- name: add_totals
-- One row a campaign, in the order of their ids; every change of a batch at once.
update campaign_totals t
set enrolled = t.enrolled + d.enrolled, open = t.open + d.open, sent = t.sent + d.sent, bounced = t.bounced + d.bounced,
    failed = t.failed + d.failed, uncertain = t.uncertain + d.uncertain, replied = t.replied + d.replied,
    unsubscribed = t.unsubscribed + d.unsubscribed
from unnest(:campaign_ids::uuid[], :enrolled::bigint[], :open::bigint[], :sent::bigint[], :bounced::bigint[], :failed::bigint[],
            :uncertain::bigint[], :replied::bigint[], :unsubscribed::bigint[])
  as d (campaign_id, enrolled, open, sent, bounced, failed, uncertain, replied, unsubscribed),
  campaigns c
where t.workspace_id = :workspace_id and t.campaign_id = d.campaign_id
  and c.workspace_id = :workspace_id and c.id = d.campaign_id
returning t.campaign_id, t.open = 0 and d.open < 0 and c.status = 'running' and c.removed_at is null as is_completed;
