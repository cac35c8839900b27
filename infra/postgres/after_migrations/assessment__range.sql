-- The one function that may count private answers (docs/adr/0005, 0015, 0020). It is owned by range_reader, a role that
-- nobody can sign in as: under forced row security a function owned by the tables' owner would see no row.
--
-- It writes what may be shown and returns how many items that is; it never returns an answer or a count of fewer than
-- five people. People are counted who are asked and have said "I have finished"; who that is, is no secret to whoever
-- runs the round, so it stands in `closing`, and everything below that says "people" means them.
--
-- Each call is a closing of its own and decides once for the whole round, so that no item says by itself whether
-- somebody touched it:
--   fewer than five people: nothing shows, and what showed before is gone;
--   answers have a say only while nobody can be told apart by the closings they were counted at: people counted at the
--   same closings, and now, are five or more. This looks at every closing whose answers had a say, of this round and of
--   each earlier round of the organisation (abandoned or not) that was counted within the six months before this one
--   opened: people may answer this one as they answered that one, so that one range less the other would leave somebody.
--   A round held a year later is compared with nothing. Where people could be told apart, what shows is as before
--   (nothing, at a first closing), whatever the answers are. Two people who were always counted together can change
--   places without a difference in anything that is shown, so whoever learns a level learns that five people agree;
--   once ranges were counted, they are counted afresh only if of every item none or at least five answers changed, and
--   of one at least five. Otherwise all stay as they were and all are marked late_answers: none, one and four changes
--   look alike;
--   of what is counted, an item shows from five people who gave a level.
-- Executive and non-executive ranges appear only if the invitation said so, if each side has five, the people on neither
-- side are none or five, and on every item no side differs from what was counted before by one to four answers. Wherever
-- answers decided about it, people are told apart by side as well: that sides were *not* shown says something of a side
-- too. Once withheld they stay withheld.
-- `tests/unit/assessment/range_rule.py` says the same with every answer known, and the tests beside it examine it.
create or replace function assessment.count_views(wanted_round uuid) returns integer
language plpgsql volatile security definer
set search_path = assessment, pg_temp
as $$
declare
    this_round record;
    this_closing integer;
    counted_before integer;
    people_apart boolean;
    sides_apart boolean;
    sides_may_be_weighed boolean;
    shown_items integer;
begin
    select r.org_id, r.opened_at, r.compares_sides into this_round
        from round r where r.id = wanted_round and r.state = 'open';
    if not found then
        raise exception 'No such round is open.' using errcode = 'no_data_found';
    end if;
    select coalesce(max(c.number), 0) + 1 into this_closing from closing c where c.round_id = wanted_round;
    -- The closing at which what was shown last was counted.
    select nullif(max(i.seen_in), 0) into counted_before from item_range i where i.round_id = wanted_round;
    insert into closing (tenant_id, org_id, round_id, number, people, executives, non_executives, counted_at)
        select r.tenant_id, r.org_id, r.id, this_closing,
               array(select p.person_id from respondent p where p.round_id = r.id and p.finished and not p.removed),
               array(select p.person_id from respondent p
                     where p.round_id = r.id and p.finished and not p.removed and p.executive),
               array(select p.person_id from respondent p
                     where p.round_id = r.id and p.finished and not p.removed and not p.executive),
               now()
        from round r where r.id = wanted_round;

    with looked_at as (
        -- Closings whose answers had a say in what was shown, and this one.
        select c.*, exists (select from item_range i
                            where i.round_id = c.round_id and c.number = any (i.sides_weighed_in)) as by_side
        from closing c join round r on r.tenant_id = c.tenant_id and r.id = c.round_id
        where r.org_id = this_round.org_id
          and (c.round_id = wanted_round and c.number = this_closing
               or (c.round_id = wanted_round
                   or coalesce(c.counted_at, r.closed_at, 'infinity') > this_round.opened_at - interval '6 months')
               and exists (select from item_range i
                           where i.round_id = c.round_id and c.number = any (i.looked_at_in)))
    ), seats as (
        -- Where each person sat whenever answers had a say, and on which side they sit today.
        select p.person_id,
               string_agg(case when p.person_id <> all (c.people) then '-'
                               when not c.by_side then '+'
                               when p.person_id = any (c.executives) then 'e'
                               when p.person_id = any (c.non_executives) then 'n'
                               else 'o' end, '' order by c.round_id, c.number) as seats,
               max(case when c.round_id <> wanted_round or c.number < this_closing then null
                        when p.person_id = any (c.executives) then 'e'
                        when p.person_id = any (c.non_executives) then 'n'
                        else 'o' end) as side_today
        from looked_at c cross join (select distinct unnest(l.people) as person_id from looked_at l) p
        group by p.person_id
    ), alike as (
        select count(*) over (partition by seats) as people,
               count(*) over (partition by seats, side_today) as people_of_side
        from seats
    )
    select coalesce(min(people) < 5, false), coalesce(min(people_of_side) < 5, false)
        into people_apart, sides_apart from alike;
    select this_round.compares_sides and not sides_apart
           and cardinality(c.executives) >= 5 and cardinality(c.non_executives) >= 5
           and cardinality(c.people) - cardinality(c.executives) - cardinality(c.non_executives) not between 1 and 4
           and (counted_before is null
                or exists (select from item_range i where i.round_id = wanted_round and i.executive_counts is not null))
        into sides_may_be_weighed
        from closing c where c.round_id = wanted_round and c.number = this_closing;

    with views as (
        -- One row a person and item: what counts now, and what was counted of the item before.
        select a.tenant_id, a.org_id, a.item_id, a.person_id,
               case when a.person_id = any (n.people) then a.level end as level,
               a.person_id = any (n.people) and a.cannot_judge as cannot_judge,
               case when a.person_id = any (n.executives) then 'executive'
                    when a.person_id = any (n.non_executives) then 'other' else 'neither' end as side,
               case when a.person_id = any (s.people) then
                   case when a.saved_in >= s.number then a.counted_level else a.level end end as level_before,
               coalesce(a.person_id = any (s.people) and
                   case when a.saved_in >= s.number then a.counted_cannot_judge else a.cannot_judge end, false)
                   as cannot_judge_before,
               case when a.person_id = any (s.executives) then 'executive'
                    when a.person_id = any (s.non_executives) then 'other' else 'neither' end as side_before
        from answer a
        join closing n on n.tenant_id = a.tenant_id and n.round_id = a.round_id and n.number = this_closing
        left join item_range i on i.tenant_id = a.tenant_id and i.round_id = a.round_id and i.item_id = a.item_id
        left join closing s on s.tenant_id = a.tenant_id and s.round_id = a.round_id
                           and s.number = coalesce(nullif(i.seen_in, 0), counted_before)
        where a.round_id = wanted_round
    ), counted as (
        select tenant_id, org_id, item_id,
               count(level) as gave_level,
               (count(*) filter (where cannot_judge))::int as cannot_judge,
               count(*) filter (where (level, cannot_judge) is distinct from (level_before, cannot_judge_before))
                   as changed,
               array[(count(*) filter (where level = 1))::int, (count(*) filter (where level = 2))::int,
                     (count(*) filter (where level = 3))::int, (count(*) filter (where level = 4))::int,
                     (count(*) filter (where level = 5))::int] as levels
        from views group by tenant_id, org_id, item_id
    ), sides as (
        -- Each side of the board by itself; a side that is nobody's, or nobody's change, gives nothing away.
        select v.item_id, x.side,
               count(v.level) filter (where v.side = x.side) as gave_level,
               count(*) filter (where (case when v.side = x.side then v.level end)
                   is distinct from (case when v.side_before = x.side then v.level_before end)) as changed,
               array[(count(*) filter (where v.side = x.side and level = 1))::int,
                     (count(*) filter (where v.side = x.side and level = 2))::int,
                     (count(*) filter (where v.side = x.side and level = 3))::int,
                     (count(*) filter (where v.side = x.side and level = 4))::int,
                     (count(*) filter (where v.side = x.side and level = 5))::int] as levels
        from views v cross join (values ('executive'), ('other'), ('neither')) x (side)
        group by v.item_id, x.side
    ), split as (
        select s.item_id,
               bool_and(s.gave_level >= 5 or s.side = 'neither'
                        and cardinality(n.people) = cardinality(n.executives) + cardinality(n.non_executives))
                   as large_enough,
               (array_agg(s.levels) filter (where s.side = 'executive'))[1:1] as executive_levels,
               (array_agg(s.levels) filter (where s.side = 'other'))[1:1] as other_levels
        from sides s join closing n on n.round_id = wanted_round and n.number = this_closing
        group by s.item_id
    ), decided as (
        select case when cardinality(n.people) < 5 then 'few'
                    when people_apart and counted_before is null then 'earlier'
                    when people_apart then 'kept'
                    when counted_before is null then 'counted'
                    when (select bool_and(changed = 0 or changed >= 5) and bool_or(changed >= 5) from counted)
                        then 'counted'
                    else 'kept' end as outcome,
               sides_may_be_weighed and (counted_before is null
                   or (select bool_and(changed = 0 or changed >= 5) from sides)) as sides_may_show
        from closing n where n.round_id = wanted_round and n.number = this_closing
    ), noted as (
        update closing n set held_back_by_earlier = d.outcome = 'earlier'
        from decided d where n.round_id = wanted_round and n.number = this_closing
    ), kept as (
        update item_range i
        set shown = d.outcome = 'kept' and i.shown,
            level_counts = case when d.outcome = 'kept' then i.level_counts end,
            cannot_judge = case when d.outcome = 'kept' then i.cannot_judge end,
            executive_counts = case when d.outcome = 'kept' then i.executive_counts end,
            non_executive_counts = case when d.outcome = 'kept' then i.non_executive_counts end,
            late_answers = d.outcome = 'kept',
            looked_at_in = i.looked_at_in
                || case when d.outcome = 'kept' and not people_apart then array[this_closing] else '{}'::integer[] end
        from decided d where i.round_id = wanted_round and d.outcome <> 'counted'
    )
    insert into item_range as i
           (tenant_id, org_id, round_id, item_id, seen_in, shown, level_counts, cannot_judge,
            executive_counts, non_executive_counts, late_answers, looked_at_in, sides_weighed_in)
        select c.tenant_id, c.org_id, wanted_round, c.item_id, this_closing, c.gave_level >= 5,
               case when c.gave_level >= 5 then c.levels end,
               case when c.gave_level >= 5 then c.cannot_judge end,
               case when d.sides_may_show and s.large_enough then array(select unnest(s.executive_levels)) end,
               case when d.sides_may_show and s.large_enough then array(select unnest(s.other_levels)) end,
               false, array[this_closing],
               case when sides_may_be_weighed then array[this_closing] else '{}' end
        from counted c join split s on s.item_id = c.item_id cross join decided d
        where d.outcome = 'counted'
    on conflict (tenant_id, round_id, item_id) do update
        set seen_in = excluded.seen_in, shown = excluded.shown, level_counts = excluded.level_counts,
            cannot_judge = excluded.cannot_judge, executive_counts = excluded.executive_counts,
            non_executive_counts = excluded.non_executive_counts, late_answers = false,
            looked_at_in = i.looked_at_in || excluded.looked_at_in,
            sides_weighed_in = i.sides_weighed_in || excluded.sides_weighed_in;

    select count(*) into shown_items from item_range i where i.round_id = wanted_round and i.shown;
    return shown_items;
end
$$;

alter function assessment.count_views(uuid) owner to range_reader;
revoke all on function assessment.count_views(uuid) from public;
grant execute on function assessment.count_views(uuid) to app_assessment;
