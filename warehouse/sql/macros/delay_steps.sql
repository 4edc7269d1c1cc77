-- Ages and delays (microseconds) on the steps that curves are kept on, in seconds: minutes in the
-- first day, hours after it. What happens within a step is known at its end.
create or replace temp macro step_before(age) as if(
    age < 86_400_000_000, age // 60_000_000 * 60, age // 3_600_000_000 * 3_600
);
-- How old is, days later, what was so old at the end of its own day.
create or replace temp macro step_later(age, days) as
    step_before((age + 86_400 * days) * 1_000_000);
create or replace temp macro step_after(delay) as if(
    delay <= 86_400_000_000,
    greatest((delay + 59_999_999) // 60_000_000, 1) * 60,
    (delay + 3_599_999_999) // 3_600_000_000 * 3_600
);
