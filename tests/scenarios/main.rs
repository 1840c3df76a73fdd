//! What a user may rely on: the real program against Octopus Server and Azure on loopback. One file for each capability; its
//! name is the promise. The index is tests/README.md.

#[path = "../support/mod.rs"]
mod support;

mod job {
    mod a_changing_scale_set_is_waited_for;
    mod disabling_keeps_the_registration;
    mod every_target_gets_one_verdict;
    mod missing_ones_stop_no_other;
    mod nobody_in_scope_is_said;
    mod scale_sets_that_share_roles_are_one;
    mod scope_is_environment_roles_and_tenant;
    mod what_was_scaled_in_goes;
}
mod names {
    mod kept_targets_teach_how_names_are_written;
    mod matching_is_generous_ownership_exact;
    mod strange_names_wait_for_machines_without_a_target;
    mod styles_and_events;
    mod two_scale_sets_beside_each_other;
    mod whatever_people_put_around_a_name;
}
mod evidence {
    mod a_second_witness_agrees;
    mod changed_targets_are_spared;
    mod no_other_scale_set_has_it;
    mod odd_answers_may_be_true;
    mod older_servers_tell_less;
    mod only_complete_listings_count;
    mod other_own_lists_agree;
    mod other_scale_sets_have_a_second_witness;
    mod other_scale_sets_once_more;
    mod others_rows_that_are_cut_short;
    mod others_without_a_name;
    mod referenced_targets_are_held;
    mod runbook_runs_hold_what_they_named;
    mod targets_in_use_wait;
    mod two_snapshots_agree;
    mod unanswered_questions_spare;
    mod unseen_scale_sets_speak_against_removal;
}
mod machine_word {
    mod no_old_word_counts;
    mod one_test_for_all;
    mod what_answers_stays;
    mod what_is_not_tested_waits;
}
mod brakes {
    mod no_more_than_the_limit;
    mod nothing_matches_any_machine;
    mod what_a_brake_does_to_the_step;
    mod what_looks_wrong_holds_every_removal;
}
mod removal {
    mod an_interrupt_ends_the_run;
    mod evidence_does_not_age;
    mod one_failure_stops_no_other;
    mod only_octopus_itself_ends_a_removal;
    mod rate_limits_are_kept;
    mod removals_keep_pace;
}
mod telling {
    mod a_defect_ends_everything;
    mod all_outputs_are_always_set;
    mod every_exit_code_has_its_meaning;
    mod every_message_tells_what_to_do_next;
    /// What each of them is provoked by.
    mod messages {
        pub mod azure;
        pub mod brakes;
        pub mod octopus;
        pub mod run;
        pub mod settings;
        pub mod sign_in;
        pub mod waiting;
    }
    mod missing_alone_names_no_target;
    mod one_log_two_faces;
    mod one_plan_once;
    mod the_report_is_for_whoever_asks_later;
    mod the_report_says_what_to_do;
    mod the_reports_shape_is_published;
    mod the_summary_says_what_became_of_it;
    mod untrusted_text_is_only_text;
}
mod settings {
    mod every_problem_is_said_at_once;
    mod misspelt_variables_are_refused;
    mod where_octopus_is;
    mod which_scale_sets_are_meant;
}
mod by_hand {
    #[cfg(target_os = "linux")]
    mod a_question_before_removing;
    mod a_script_can_tell;
    mod flags_are_judged_with_the_rest;
    #[cfg(target_os = "linux")]
    mod progress_fits_the_window;
    mod the_command_line_is_read;
    mod the_result_has_a_stream_of_its_own;
}
mod check {
    mod every_outcome;
    mod every_outcome_of_the_step;
    mod green_and_yet_nothing_happens;
    mod how_it_ends;
    mod names_that_are_not_there;
    mod no_false_alarm;
    mod nothing_is_changed;
    mod one_mistake_in_a_parameter_is_one_finding;
    mod one_mistake_in_the_runbook_is_one_finding;
    mod one_mistake_is_one_finding;
    mod several_steps_of_ours;
    mod tenants_may_have_to_be_named;
    mod the_right_set_up_passes;
    mod variables_of_the_library;
    mod what_a_step_is_bound_to;
    mod what_an_account_holds;
    mod what_could_not_be_seen_is_said;
    mod what_is_gone_is_said_to_be;
    mod what_is_kept_in_git_is_read;
    mod what_is_not_answered_never_passes;
    mod what_was_published_is_compared;
    mod when_schedules_are_due;
    mod who_sees_only_a_part_is_told_so;
    mod whose_key_checks;
}
mod setup {
    mod a_plan_reads_well;
    mod a_thousand_targets_take_no_longer;
    mod an_empty_project_goes_live;
    mod an_empty_project_is_set_up;
    #[cfg(unix)]
    mod an_interrupt_says_what_is_done;
    mod check_passes_what_setup_made;
    mod every_write_may_fail;
    mod flags_choose;
    mod going_live_takes_a_dry_run;
    mod hidden_is_not_missing;
    mod nothing_is_live_unseen;
    mod nothing_of_others_is_published_along;
    mod servers_of_every_kind;
    mod two_keys_are_never_one;
    mod what_changed_meanwhile_is_left_alone;
    mod what_is_in_git_is_printed;
    mod what_people_added_stays;
    mod what_runs_by_itself;
    mod what_setup_made_is_corrected;
    mod what_somebody_else_made_is_theirs;
    mod who_knows_little_is_asked;
    mod who_may_not_is_told_before;
}
mod sign_in {
    mod every_way_to_sign_in;
    #[cfg(unix)]
    mod the_azure_cli_signs_in;
    mod tokens_that_are_refused_or_end_early;
}
mod network {
    mod a_handful_of_requests;
    mod answers_in_pieces_arrive;
    mod proxies_where_they_are_wanted;
    mod redirects_are_not_followed;
    mod retry_after_is_understood;
    mod what_is_asked_again;
    mod whose_certificates_are_believed;
}
mod unreadable {
    mod a_list_is_no_object;
    mod a_mode_that_is_not_said;
    #[cfg(unix)]
    mod endless_answers_end;
    mod every_phase_ends;
    mod foreign_bytes_do_no_harm;
    mod foreign_history_does_no_harm;
    mod what_cannot_be_read_ends_the_run;
}
mod deployments {
    mod duplicate_runs_are_told;
    mod late_machines_are_waited_for;
    mod old_servers_are_left_out;
    mod the_unknown_makes_no_duplicate;
    mod what_a_duplicate_run_does;
    mod who_is_deployed_to;
}
mod guided_failures {
    mod answered_once;
    mod claims_that_nobody_knows_of;
    mod nothing_is_left_to_guess;
    mod only_machines_that_are_gone;
    mod the_target_waits;
}
mod repository {
    mod tables_say_what_the_program_does;
    mod the_documentation_leads_somewhere;
    mod the_readme_sets_up_a_project;
    mod the_readme_shows_a_real_run;
    mod the_readme_tells_a_true_story;
    mod the_step_template_is_what_its_sources_say;
}
