-- The one function that may look at a whole board's private reflections. It is owned by profile_reader, a role that
-- nobody can sign in as. It writes how many have finished, and, from seven people up, one word a domain; it returns
-- the count of those who have finished and never an answer.
--
-- It is about the board of today: who has left is counted no more. A profile changes only when at least five people,
-- none of them a reader of it (the chair), have finished for the first time or with other answers since the one before:
-- otherwise a chair and a few colleagues, who know what they changed themselves, could tell from the difference what the
-- last one to finish had answered. A domain is given a word only when seven people answered something other than "no
-- chance" in it. The words: strong from 75 % of answers "almost always" or "frequently", thin below 50 %, mixed between
-- (our own rule, the same as for a person's own summary).
create or replace function competency_framework.refresh_profile(
    wanted_framework text, statements text[], domains text[], at timestamptz
) returns integer
language plpgsql volatile security definer
set search_path = competency_framework, pg_temp
as $$
declare
    finished integer;
    last_profile timestamptz;
    since integer;
    board text[];
    readers text[];
begin
    select array_agg(distinct m.person_id), array_agg(distinct m.person_id) filter (where m.role = 'chair')
        into board, readers from known_membership m
        where m.role in ('board-member', 'chair', 'chief-executive')
            and m.valid_from <= at and (m.valid_to is null or m.valid_to > at);
    select u.profile_at into last_profile from framework_use u where u.framework_id = wanted_framework;
    select count(*), count(*) filter (where r.finished_at > last_profile and r.person_id <> all (coalesce(readers, '{}')))
        into finished, since from reflection r
        where r.framework_id = wanted_framework and r.finished_at is not null and r.person_id = any (board);
    update framework_use u set completed = finished where u.framework_id = wanted_framework;
    if finished < 7 or (last_profile is not null and since < 5) then
        return finished;
    end if;
    delete from board_profile b where b.framework_id = wanted_framework;
    insert into board_profile (tenant_id, org_id, framework_id, domain_id, word)
        select c.tenant_id, c.org_id, wanted_framework, c.domain_id,
               case when c.people < 7 then 'too_few'
                    when c.often >= 0.75 then 'strong' when c.often < 0.5 then 'thin' else 'mixed' end
        from (
            select a.tenant_id, a.org_id, s.domain_id,
                   count(distinct a.person_id) filter (where a.frequency <> 'no_chance') as people,
                   avg((a.frequency in ('almost_always', 'frequently'))::int)
                       filter (where a.frequency <> 'no_chance') as often
            from reflection_answer a
            join reflection r using (tenant_id, org_id, framework_id, person_id)
            join unnest(statements, domains) as s (statement_id, domain_id) using (statement_id)
            where a.framework_id = wanted_framework and r.finished_at is not null and a.person_id = any (board)
            group by a.tenant_id, a.org_id, s.domain_id
        ) c;
    update framework_use u set people = finished, profile_at = at where u.framework_id = wanted_framework;
    return finished;
end
$$;

alter function competency_framework.refresh_profile(text, text[], text[], timestamptz) owner to profile_reader;
revoke all on function competency_framework.refresh_profile(text, text[], text[], timestamptz) from public;
grant execute on function competency_framework.refresh_profile(text, text[], text[], timestamptz)
    to app_competency_framework;
