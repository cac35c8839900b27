-- The boards of a nation, and a hundred thousand people who have left, each invited once.
insert into organisation (code, name, kind, fictional, source)
select org_id, name, kind, true, 'bench' from known_organisation on conflict do nothing;
insert into tenancy (code, valid_from, tenant, source)
select org_id, '2020-04-01', tenant_id, 'bench' from known_tenancy on conflict do nothing;
insert into person (person_id, name, email, created_at)
select distinct person_id, 'Somebody ' || person_id, person_id || '@example.org', now() from holders;
insert into appointment (tenant_id, id, org_id, person_id, role, valid_from)
select tenant_id, gen_random_uuid(), org_id, person_id, role, now() - interval '1 year' from holders;
insert into person (person_id, name, email, created_at)
select 'left-' || n, 'Somebody who left ' || n, 'left-' || n || '@example.org', now()
from generate_series(1, 100000) n;
insert into appointment (tenant_id, id, org_id, person_id, role, valid_from, ended_at)
select t.tenant_id, gen_random_uuid(), t.org_id, 'left-' || n, 'board-member', now() - interval '3 years',
  now() - interval '2 years'
from generate_series(1, 100000) n join trusts t on t.place = n % t.how_many;
insert into invitation (tenant_id, id, org_id, for_org, role, name, email, invited_by, created_at, sent_at, accepted_at)
select t.tenant_id, gen_random_uuid(), t.org_id, t.org_id, 'board-member', 'Somebody', 'x' || n || '@example.org',
  'somebody', now(), now(), now()
from generate_series(1, 100000) n join trusts t on t.place = n % t.how_many
