"""Every fault that was thought of, what is to happen then, and the tests that break the thing and look.

docs/operations.md shows this table, and `make faults` runs it (python -m tests.faults).
"""

from dataclasses import dataclass

from tests.fixtures.failpoints import IN_WEB
from videogen.failpoints import POINTS

WORKER = "tests/faults/test_worker.py::test_"
WATCH = "tests/faults/test_watch.py::test_"
JUNK = "tests/faults/test_junk_messages.py::test_"
STORMS = "tests/faults/test_storms.py::test_"
KILLS = "tests/faults/test_kills.py::test_"
UNIT = "tests/videogen/worker/test_"
HEALTH = "tests/config/test_health.py::test_"
SUPERVISOR = "tests/local/test_supervisor.py::test_"
STORAGE = "tests/videogen/media/test_storage.py::test_"
LTX = "tests/videogen/pipelines/ltx2/test_worker.py::test_"
EXPORTS = "tests/videogen/exports/test_exports.py::test_"
RUN = "tests/local/test_run.py::test_"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is broken, what is expected, and by which tests. either: no database has a part in it, one run suffices."""

    what: str
    expected: str
    tests: tuple[str, ...]
    either: bool = False


def _kill(point: str) -> Fault:
    if point in IN_WEB:
        test = f"{KILLS}a_web_server_that_is_killed_with_a_request_keeps_what_it_accepted[{point}]"
        return Fault(
            f"kill -9 of the web server: {POINT_IN_WORDS[point]}",
            "one row, made once; asking again finds it",
            (test,),
        )
    expected = {
        "received": "another takes the row within seconds; no attempt is lost",
        "recorded": "nothing is made again",
    }
    test = f"{KILLS}a_worker_that_is_killed_anywhere_on_the_road_makes_the_clip_once[{point}]"
    return Fault(
        f"kill -9 of the child: {POINT_IN_WORDS[point]}",
        expected.get(point, "made by its successor as attempt 2, published once"),
        (test,),
    )


POINT_IN_WORDS = {
    "committed": "row committed, nobody told",
    "woken": "message sent, no answer yet",
    "received": "message taken, nothing claimed",
    "claimed": "row claimed",
    "loading": "loading the model",
    "denoising": "in the middle of the steps",
    "decoding": "before decoding",
    "writing": "in the middle of the clip",
    "written": "clip written, not stored",
    "stored": "files stored, row not finished",
    "finished": "row finished, not committed",
    "recorded": "all done, before it says so",
}

FAULTS: tuple[Fault, ...] = (
    *map(_kill, POINTS),
    Fault(
        "kill -9 of a worker at half the steps of LTX-2.3",
        "another goes on there; two steps twice at most; the same bytes",
        (f"{LTX}a_clip_whose_process_is_killed_at_half_the_steps_is_finished_by_another_worker_from_there",),
        either=True,
    ),
    Fault(
        "the largest clip of LTX-2.3: 1920 x 1080, 8 s, 30 a second",
        "240 frames of 1920 x 1080 and 8 s of sound",
        (f"{LTX}a_clip_of_1920_x_1080_and_8_seconds_at_30_has_240_frames",),
        either=True,
    ),
    Fault(
        "kill -9 of a worker's whole group",
        "the lease runs out, another worker makes it as attempt 2",
        (f"{WORKER}a_worker_whose_group_was_killed_loses_its_lease_and_the_job_is_made_by_another",),
    ),
    Fault(
        "kill -9 of a worker in a batch, and Redis emptied",
        "no job of the batch is lost, and its end is noticed",
        ("tests/faults/test_batches.py::test_a_killed_worker_and_a_cleared_redis_lose_no_job_of_a_batch",),
    ),
    Fault(
        "kill -9 of a worker in the middle of an export",
        "made by its successor, one file at the end",
        ("tests/faults/test_export_kills.py::test_an_export_whose_worker_is_killed_is_made_once",),
    ),
    Fault(
        "a disk that is full in the middle of an export",
        "`disk_full` in every format, and no half of a file",
        (f"{EXPORTS}a_disk_that_is_full_ends_any_format_with_words_and_without_a_file",),
        either=True,
    ),
    Fault(
        "a clip that is deleted in the middle of an export",
        "`clip_missing` with its block, and no file",
        (f"{EXPORTS}a_clip_that_is_deleted_in_the_middle_of_an_export_is_told_by_its_block",),
        either=True,
    ),
    Fault(
        "a job that kills its process each time",
        "three attempts, then `crash_loop`",
        (f"{WORKER}a_job_that_always_kills_its_process_ends_after_three_attempts",),
    ),
    Fault(
        "SIGTERM in the middle of a job",
        "back in the queue, uncounted; another worker makes it",
        (f"{WORKER}a_shutdown_puts_the_job_back_and_another_worker_finishes_it",),
    ),
    Fault(
        "SIGTERM while a model loads, or a clip is decoded or encoded",
        "back in the queue, uncounted, within 6 s",
        (f"{WATCH}a_stop_in_the_middle_of_something_long_is_no_loss",),
    ),
    Fault(
        "SIGSTOP of a worker and its child, SIGCONT after the lease",
        "another has made it; the zombie publishes nothing",
        (f"{WORKER}a_frozen_worker_that_wakes_after_its_lease_publishes_nothing",),
    ),
    Fault(
        "a child stopped, or hung with the interpreter's lock",
        "its parent kills it; made as attempt 2; the third time `stalled`",
        (
            f"{WATCH}a_child_that_is_stopped_or_holds_the_lock_is_ended_from_outside",
            f"{UNIT}watch.py::test_a_row_whose_lease_ran_out_under_a_living_parent_is_put_back_as_stalled",
            f"{UNIT}watch.py::test_a_job_that_stalls_three_times_is_told_as_stalled_and_not_as_a_lost_worker",
        ),
    ),
    Fault(
        "a first step, or a first load, that takes minutes",
        "more patience, by what this machine has done before",
        (
            f"{UNIT}progress.py::test_a_model_that_this_machine_never_used_is_given_far_more_time",
            f"{UNIT}progress.py::test_patience_grows_with_the_work",
        ),
    ),
    Fault(
        "several workers race for the rows of one queue",
        "each row is claimed once",
        (
            f"{STORMS}three_workers_on_one_queue_claim_each_row_once",
            "tests/videogen/models/test_generation.py::test_a_claim_takes_the_row_once",
        ),
    ),
    Fault(
        "messages twice, for nothing, out of order",
        "nothing changes",
        (f"{WORKER}messages_sent_twice_and_for_nothing_change_nothing",),
    ),
    Fault(
        "a message is lost",
        "the row is taken within seconds",
        (f"{WATCH}a_lost_message_costs_seconds",),
    ),
    Fault(
        "hundreds of rows that wait",
        "one message for each queue",
        ("tests/videogen/test_wake.py::test_one_message_waits_in_a_queue_however_many_rows_do",),
    ),
    Fault(
        "junk in the queue",
        "dropped and counted, no worker ends",
        (f"{JUNK}junk_in_the_list_ends_no_worker_and_is_counted", f"{JUNK}nobody_can_command_workers_through_redis"),
    ),
    Fault(
        "twenty people at once, on two web processes",
        "no answer is a 5xx; each job that was accepted is made once",
        (f"{STORMS}twenty_people_at_once_get_no_5xx_and_lose_nothing",),
    ),
    Fault(
        "Redis killed while jobs run and wait",
        "all are made, and what is asked for meanwhile",
        (
            f"{STORMS}a_redis_that_is_killed_or_emptied_or_frozen_under_running_jobs_loses_none[killed]",
            f"{WORKER}a_job_asked_for_while_the_broker_is_down_is_kept_and_made_later",
        ),
    ),
    Fault(
        "Redis emptied",
        "all are made",
        (f"{STORMS}a_redis_that_is_killed_or_emptied_or_frozen_under_running_jobs_loses_none[emptied]",),
    ),
    Fault(
        "Redis frozen for seconds",
        "no worker is deaf afterwards; a POST takes at most 1.5 s",
        (
            f"{STORMS}a_redis_that_is_killed_or_emptied_or_frozen_under_running_jobs_loses_none[frozen]",
            f"{UNIT}transport.py::test_a_redis_that_stalls_while_a_message_is_done_with_leaves_no_consumer_deaf",
            "tests/videogen/test_wake.py::test_waking_takes_no_longer_than_a_second_and_a_half_while_redis_is_frozen",
            f"{RUN}a_frozen_broker_holds_nobody_up",
        ),
    ),
    Fault("Redis full", "the jobs go on", (f"{JUNK}a_full_redis_ends_no_worker_and_the_jobs_go_on",)),
    Fault(
        "a worker that hears nothing",
        "it ends after a minute beside a waiting job, and says so",
        (f"{UNIT}watch.py::test_a_worker_that_leaves_a_job_waiting_for_a_minute_ends_and_says_so",),
    ),
    Fault(
        "the database away for longer than any timeout",
        "the job in progress is recorded when it is back; nothing is made twice",
        (
            f"{STORMS}a_database_that_is_away_while_a_job_ends_loses_nothing",
            f"{UNIT}progress.py::test_a_database_that_is_away_for_a_moment_ends_no_work",
        ),
    ),
    Fault(
        "an answer of the database lost in a commit",
        "the row and its file stay",
        ("tests/videogen/test_races.py::test_a_result_whose_commit_was_done_but_not_answered_keeps_its_file",),
    ),
    Fault(
        "the database away while somebody looks",
        "503 with Retry-After",
        ("tests/web/test_errors.py::test_a_page_answers_503_with_retry_after_while_the_database_is_away",),
        either=True,
    ),
    Fault(
        "beat or the sweep absent",
        "jobs are made; `/healthz` says it",
        (
            f"{WATCH}a_lost_message_costs_seconds",
            f"{HEALTH}a_silent_beat_or_sweep_is_a_503_with_the_reason",
        ),
    ),
    Fault(
        "work that waits: worker gone, deaf or stopped, disk full, Redis away",
        "`/healthz` and the card of each job that waits say why",
        (
            f"{HEALTH}a_consumer_that_is_gone_is_a_503_with_the_reason",
            f"{HEALTH}a_worker_that_hears_nothing_is_a_503_with_the_reason",
            f"{HEALTH}a_worker_elsewhere_that_takes_no_jobs_is_a_503_with_its_reason",
            "tests/web/test_progress_card.py::test_the_card_of_a_waiting_job_says_why_it_waits",
        ),
    ),
    Fault(
        "the clock set, forward or back",
        "no healthy job is taken away, no dead one kept, no schedule stops",
        (
            f"{UNIT}clock.py::test_a_clock_that_is_set_takes_no_job_from_a_worker_that_lives",
            f"{UNIT}clock.py::test_a_worker_that_died_is_noticed_at_the_next_look_after_the_clock_was_set",
            f"{UNIT}clock.py::test_a_machine_that_restarts_an_hour_behind_releases_its_jobs_at_once",
            f"{UNIT}clock.py::test_stopping_a_job_of_a_dead_worker_is_final_at_once",
            f"{UNIT}clock.py::test_a_clock_set_back_an_hour_stops_no_schedule",
        ),
    ),
    Fault(
        "a disk that is full",
        "`disk_full`, the part goes, nothing is claimed below the reserve, uploads are a 507",
        (
            f"{UNIT}full_disk.py::test_a_frame_that_found_no_room_says_so",
            f"{UNIT}full_disk.py::test_a_clip_whose_poster_found_no_room_says_so",
            "tests/videogen/media/test_mp4.py::test_a_full_disk_is_told_as_such_and_the_part_file_goes",
            "tests/web/test_uploads.py::test_an_upload_on_a_full_disk_is_answered_507_with_a_sentence",
            f"{HEALTH}a_disk_below_the_reserve_is_a_503_with_the_reason",
        ),
    ),
    Fault(
        "the disk of a whole `make run` full to the last byte",
        "pages can be read, writing is a 507; all is well again, and made, once there is space",
        ("tests/local/test_full_disk.py::test_a_run_whose_disk_was_full_heals_by_itself",),
        either=True,
    ),
    Fault(
        "files that cannot be kept (closed disk, bucket away)",
        "no queued row fails; the worker holds off and looks again; `/healthz` says it",
        (
            f"{HEALTH}files_that_cannot_be_written_are_a_503_with_the_reason",
            f"{UNIT}hold.py::test_a_closed_disk_fails_no_job_and_ends_claiming_until_it_opens",
            f"{UNIT}hold.py::test_a_bucket_that_is_away_for_a_moment_costs_no_attempt",
        ),
    ),
    Fault(
        "power cut after a result",
        "files and commit are on the disk before the row is read",
        (
            f"{STORAGE}a_picture_its_poster_and_their_folders_are_on_the_disk_before_the_row_names_them",
            f"{STORAGE}sqlite_syncs_each_commit",
        ),
        either=True,
    ),
    Fault(
        "an empty database over existing files",
        "no file is removed",
        (f"{UNIT}whose_files.py::test_an_empty_database_over_the_media_of_another_removes_nothing",),
    ),
    Fault(
        "the installation lost, a backup left",
        "queued jobs are made, tokens and sign-ins work",
        ("tests/config/test_backup.py::test_a_restored_installation_knows_everybody_and_finishes_what_was_queued",),
    ),
    Fault(
        "Redis, web, a worker, beat or the sweep of `make run` killed",
        "started again; a clip is made afterwards",
        (f"{RUN}killed_programs_are_started_again_and_make_a_clip",),
        either=True,
    ),
    Fault(
        "`make run` killed in the middle of a clip",
        "the next start makes it",
        (f"{RUN}a_stop_in_the_middle_of_a_clip_leaves_nothing_and_the_next_start_makes_it",),
        either=True,
    ),
    Fault(
        "a program that ends again and again",
        "five times in a minute stop the run, with the reason",
        (f"{SUPERVISOR}five_ends_in_a_minute_stop_the_run_with_the_reason",),
        either=True,
    ),
    Fault(
        "stopped by a person while waiting or running",
        "at once, or at the next step; the next job runs",
        (f"{WORKER}a_stop_takes_effect_within_a_step_and_the_next_job_runs",),
    ),
    Fault(
        "deleted while it is made",
        "no row, no file, and a history with an end",
        (f"{WORKER}a_video_deleted_while_it_is_made_leaves_no_row_and_no_file",),
    ),
    Fault(
        "block or scene deleted, whoever does it",
        "each job has a last event, its files go at once",
        ("tests/videogen/test_deletion.py",),
    ),
    Fault(
        "a right taken away, a person deactivated, while waiting",
        "refused when the work begins",
        (f"{WORKER}a_right_taken_away_while_waiting_is_refused_when_the_work_begins",),
    ),
    Fault(
        "fifty jobs of one person before one of another",
        "the other's is next; the place shown is the place served",
        ("tests/videogen/models/test_fairness.py",),
    ),
    Fault(
        "all of this in any order",
        "no rule of the ledger is broken",
        ("tests/faults/test_machine.py",),
    ),
    Fault(
        "each rule of the ledger broken by hand",
        "`manage.py check_nothing_lost` notices",
        ("tests/faults/test_ledger.py",),
    ),
)


def markdown() -> list[str]:
    """Return the table as docs/operations.md has it."""
    head = ["| Broken | Expected | Shown on |", "|---|---|---|"]
    return head + [f"| {fault.what} | {fault.expected} | {'one' if fault.either else 'both'} |" for fault in FAULTS]
