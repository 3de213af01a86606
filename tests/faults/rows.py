"""The fault catalogue row by row: what shows that it holds, and the control that fails without the protection.

Row number -> (the fault, the tests that show it, the negative control), tests as pytest names them.
"""

from __future__ import annotations

Row = tuple[str, tuple[str, ...], str]

LINE = "tests/journeys/test_faults_of_the_line.py::"
PAGE = "tests/journeys/test_faults_of_the_page.py::"
HANDS = "tests/journeys/test_faults_of_the_clock.py::"
MEMORY = "tests/journeys/test_faults_of_memory.py::"
SIT = "tests/journeys/test_sit_an_exam.py::"
TROUBLE = "tests/journeys/test_sit_through_trouble.py::"
SURVIVE = "tests/faults/test_saves_survive.py::"
REPEATS = "tests/faults/test_repeats.py::"
PAGES = "tests/faults/test_two_pages.py::"
CLOCK = "tests/faults/test_set_clock.py::"
LIMIT = "tests/faults/test_over_the_limit.py::"
RACES = "tests/faults/test_races.py::"
NOBODY = "tests/faults/test_nobody_there.py::"
GRANTS = "tests/exams/test_sweep_and_grants.py::"
PAPER = "tests/faults/test_same_paper.py::"
ZONES = "tests/faults/test_time_zones.py::"
TRAIL = "tests/faults/test_without_a_trail.py::"
KILLED = "tests/faults/test_killed_server.py::"
CALLS = "tests/faults/test_each_call.py::"
HERDS = "tests/faults/test_herds.py::"
REGRADE = "tests/faults/test_regrade_killed.py::"
REGRADED = "tests/exams/test_regrade.py::"
MARKING = "tests/faults/test_marking_workers.py::"
DEPLOY = "tests/faults/test_deploy.py::"
WRITER = "tests/ground/test_group_commit.py::"

# What happens to candidates, their pages and the time.
CANDIDATES: dict[int, Row] = {
    1: (
        "the line drops, for seconds or for long",
        (
            LINE + "test_a_line_that_drops_without_a_word_loses_nothing_and_is_taken_up_in_time",
            LINE + "test_a_line_that_stays_down_for_long",
            SIT + "test_a_dropped_line_loses_nothing",
            SIT + "test_answers_given_offline_survive_a_closed_page",
        ),
        LINE + "test_a_page_that_forgets_what_it_could_not_send_is_found_out",
    ),
    2: (
        "the answer to a save or a hand-in is lost on its way back",
        (
            REPEATS + "test_what_is_sent_again_is_stored_once_and_answered_alike",
            SURVIVE + "test_an_answer_lost_on_its_way_back_is_stored_once",
            LINE + "test_answers_lost_on_their_way_back_to_the_page_cost_nothing",
        ),
        REPEATS + "test_without_its_number_what_is_sent_again_is_found_twice",
    ),
    3: (
        "the browser dies between a key and its save",
        (PAGE + "test_a_page_that_is_killed_comes_back_with_what_was_typed",),
        PAGE + "test_a_page_that_keeps_nothing_on_the_device_is_found_out",
    ),
    4: (
        "reload, back and forward",
        (
            PAGE + "test_every_reload_shows_the_same_answers_and_time",
            SIT + "test_a_reload_in_the_middle_keeps_everything",
        ),
        PAGE + "test_a_page_that_counts_from_its_own_opening_is_found_out",
    ),
    5: (
        "another device takes over while the old one goes on sending",
        (
            PAGES + "test_a_device_that_was_taken_over_writes_nothing_more",
            SIT + "test_a_stale_page_turns_read_only_and_can_take_over_again",
            TROUBLE + "test_a_rescue_file_carries_answers_to_another_device_and_a_shared_device_keeps_none",
        ),
        PAGES + "test_without_the_fence_the_old_device_goes_on_writing",
    ),
    6: (
        "two tabs save in turn",
        (
            PAGES + "test_two_tabs_that_save_in_turn_never_write_back_an_older_answer",
            SURVIVE + "test_two_pages_that_alternate_never_write_back_an_older_answer",
            SIT + "test_a_second_tab_locks_the_first_at_once",
        ),
        PAGES + "test_where_the_last_word_wins_an_older_answer_comes_back",
    ),
    7: (
        "the device's clock is wrong, or is set while the exam runs",
        (HANDS + "test_the_time_left_follows_the_server_whatever_the_device_says",),
        HANDS + "test_a_page_that_believes_its_device_is_found_out",
    ),
    8: (
        "the server's clock is set",
        (
            CLOCK + "test_a_server_whose_clock_is_set_ends_nobody_early_and_gives_nobody_time",
            CLOCK + "test_it_is_said_in_the_log_and_to_whoever_watches",
        ),
        CLOCK + "test_by_the_bare_clock_somebody_is_ended_early_or_given_time",
    ),
    18: (
        "one paper is handed in many times at once",
        (
            REPEATS + "test_a_hundred_hand_ins_at_once_are_one",
            "tests/exams/test_hand_in.py::test_a_hundred_at_once_are_one_hand_in_with_equal_replies",
        ),
        REPEATS + "test_whoever_does_not_look_again_hands_in_many_times",
    ),
    19: (
        "a save comes after the time",
        (
            LIMIT + "test_what_is_held_up_over_the_limit_counts_within_the_grace_and_is_evidence_after_it",
            LIMIT + "test_a_line_that_really_holds_saves_over_the_limit",
            "tests/exams/test_save_answers.py::test_the_deadline_leaves_its_grace_and_not_a_moment_more",
        ),
        LIMIT + "test_a_save_that_does_not_ask_for_the_time_is_found_out",
    ),
    20: (
        "a save races the hand-in",
        (
            RACES + "test_what_is_scored_is_what_the_receipt_covers",
            RACES + "test_ten_thousand_races",
            "tests/exams/test_hand_in.py::test_saves_that_race_a_hand_in_are_in_the_receipt_or_refused",
        ),
        RACES + "test_a_save_that_does_not_ask_whether_it_is_over_is_found_out",
    ),
    21: (
        "the time ends while nobody is there and the server is down",
        (
            NOBODY + "test_a_worker_that_comes_back_closes_everybody_with_the_time_of_the_limit",
            "tests/exams/test_sweep.py::test_the_app_was_down_over_the_end_and_everybody_is_closed_with_the_time_of_the_limit",
        ),
        NOBODY + "test_a_worker_that_does_not_sweep_is_found_out",
    ),
    22: (
        "time is given in the moment in which the sweep closes",
        (GRANTS + "test_a_thousand_races_of_sweep_and_grant_close_nobody_early",),
        GRANTS + "test_a_sweep_that_does_not_look_again_closes_somebody_early",
    ),
    31: (
        "after an outage somebody goes on at another seat",
        (
            PAPER + "test_at_another_seat_after_a_restart_it_is_the_same_paper",
            "tests/exams/test_seal.py::test_reload_and_another_device_have_the_same_form_in_the_same_order",
        ),
        PAPER + "test_a_paper_that_could_be_exchanged_is_found_out",
    ),
    32: (
        "time zones, summer time, leap days",
        (
            ZONES + "test_wherever_the_machine_thinks_it_is_the_limit_is_the_same_moment",
            HANDS + "test_a_device_of_another_zone_shows_the_same_hours",
        ),
        ZONES + "test_hours_counted_on_the_machine_s_wall_are_found_out",
    ),
    37: (
        "a huge paste, and a page that stays open for hours",
        (
            MEMORY + "test_what_is_too_long_is_refused_and_what_stood_there_stays",
            MEMORY + "test_a_page_at_work_does_not_grow",
            MEMORY + "test_a_page_open_for_as_many_acts_as_three_hours_hold",
            TROUBLE + "test_composed_text_goes_along_and_a_huge_paste_is_refused",
        ),
        MEMORY + "test_a_page_that_holds_on_to_things_is_found_out",
    ),
    38: (
        "the audit trail takes no line",
        (
            TRAIL + "test_no_sensitive_act_goes_through_without_its_line",
            "tests/exams/test_hand_in.py::test_without_its_line_in_the_trail_nothing_is_handed_in_and_saving_goes_on",
            "tests/audit/test_chain.py::test_no_act_without_its_line",
        ),
        TRAIL + "test_acts_that_leave_their_line_out_are_found_out",
    ),
}

# What happens to processes, disks and halls, and to keys and marks.
MACHINES: dict[int, Row] = {
    9: (
        "server, or the process that serves, is killed",
        (
            KILLED + "test_kill_minus_nine_between_saves_loses_nothing_acknowledged",
            SURVIVE + "test_a_torture_in_small",
        ),
        SURVIVE + "test_the_torture_bites_where_a_save_is_acknowledged_before_its_commit",
    ),
    10: (
        "killed at each call to the disk",
        (
            CALLS + "test_killed_at_each_call_to_the_disk_nothing_acknowledged_is_lost",
            CALLS + "test_killed_at_each_of_three_hundred_calls_nothing_acknowledged_is_lost",
            SURVIVE + "test_killed_at_a_flush_and_started_again",
        ),
        CALLS + "test_the_kills_bite_where_a_save_is_acknowledged_before_its_commit",
    ),
    11: (
        "a flush fails",
        (
            CALLS + "test_a_disk_that_fails_acknowledges_nothing",
            SURVIVE + "test_a_disk_that_fails_acknowledges_nothing_and_recovers_without_a_restart",
            "tests/exams/test_health.py::test_an_error_of_the_disk_turns_it_red_until_an_answer_is_stored",
        ),
        CALLS + "test_the_failing_flush_bites_where_a_refused_save_is_acknowledged",
    ),
    12: (
        "the power is cut",
        (
            SURVIVE + "test_a_power_cut_takes_nothing_that_was_acknowledged",
            CALLS + "test_twenty_power_cuts_take_nothing_that_was_acknowledged",
            CALLS + "test_five_hundred_power_cuts_take_nothing_of_two_hundred_thousand",
        ),
        CALLS + "test_the_power_cuts_bite_where_a_commit_does_not_wait_for_the_disk",
    ),
    13: (
        "the disk is full, and has room again",
        (
            SURVIVE + "test_a_disk_that_fails_acknowledges_nothing_and_recovers_without_a_restart",
            WRITER + "test_a_full_disk_stores_nothing_says_so_and_needs_no_restart_once_there_is_room",
        ),
        SURVIVE + "test_the_failing_disk_bites_where_a_refused_save_is_acknowledged",
    ),
    14: (
        "only the log finds no room, or the disk turns read-only",
        (
            CALLS + "test_a_disk_that_fails_acknowledges_nothing",
            SURVIVE + "test_a_disk_that_fails_acknowledges_nothing_and_recovers_without_a_restart",
        ),
        CALLS + "test_the_refused_writes_bite_where_a_refused_save_is_acknowledged",
    ),
    15: (
        "everybody begins within a second",
        (HERDS + "test_all_begin_within_a_second_and_each_has_his_full_time",),
        HERDS + "test_where_the_time_runs_from_the_hour_the_crowd_has_less",
    ),
    16: (
        "everybody hands in at once",
        (HERDS + "test_all_hand_in_at_once_and_every_receipt_covers_what_was_acknowledged",),
        HERDS + "test_where_saves_are_written_after_they_are_acknowledged_the_crowd_at_the_limit_loses_some",
    ),
    17: (
        "a crowd signs in while others save",
        (
            HERDS + "test_a_crowd_at_the_door_takes_no_turn_from_whoever_saves",
            "tests/access/test_hash_pool.py::test_while_hashing_stands_still_a_save_is_answered",
        ),
        HERDS + "test_where_the_door_may_take_every_thread_saves_wait_for_it",
    ),
    33: (
        "a question is found wrong while people sit it",
        (
            REGRADE + "test_a_question_void_while_two_hundred_sit_it_is_void_for_all_of_them",
            REGRADED + "test_an_edit_in_the_bank_changes_no_paper_and_no_key_of_an_exam",
            REGRADED + "test_one_rule_for_all",
        ),
        REGRADE + "test_where_nobody_asks_for_the_newest_key_the_papers_are_mixed",
    ),
    34: (
        "a key changes, and the regrade dies on its way",
        (
            REGRADE
            + "test_a_regrade_killed_at_a_quarter_at_half_and_at_three_quarters_ends_as_if_it_had_not_been",
            REGRADED + "test_the_preview_names_every_paper_that_changes_and_changes_nothing",
            REGRADED + "test_a_passed_person_who_now_fails_is_under_recheck_to_the_credential",
        ),
        REGRADE + "test_a_portion_that_is_not_one_transaction_is_found_half_done",
    ),
    35: (
        "a new release over a running exam",
        (DEPLOY + "test_a_new_release_under_load_loses_nothing_and_takes_what_old_pages_send",),
        DEPLOY + "test_a_release_that_does_not_know_old_tokens_is_found_out",
    ),
    40: (
        "four workers mark at once",
        (
            MARKING + "test_four_workers_mark_each_paper_once",
            MARKING + "test_what_a_killed_worker_had_taken_is_marked_by_another",
            REGRADE + "test_four_workers_on_one_regrade_do_it_once",
        ),
        MARKING + "test_without_lease_and_newer_key_two_workers_mark_papers_twice",
    ),
}

ROWS: dict[int, Row] = {**CANDIDATES, **MACHINES}
