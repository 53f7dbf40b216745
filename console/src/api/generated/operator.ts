/** Written by `npm run gen:api` from `shouhu operator openapi`; changes are made there. */

/* oxlint-disable */
export interface components {
    schemas: {
        /** @description Another open appeal about the same number. */
        AppealBeside: {
            id: components["schemas"]["AppealId"];
            made_at: components["schemas"]["Timestamp"];
            /** @description Reference. */
            number: string;
            words: string;
        };
        /** @description An appeal about the number. */
        AppealHint: {
            id: components["schemas"]["AppealId"];
            made_at: components["schemas"]["Timestamp"];
            number: string;
            state: components["schemas"]["AppealState"];
        };
        /** Format: uuid */
        AppealId: string;
        /** @description What the caller enters. */
        AppealInput: {
            /** @description The number that was stopped. */
            caller: string;
            /** @description How to reach the caller: another number or an address; may be left out. */
            contact?: string | null;
            /** @description What the number is used for, and what happened. */
            words: string;
        };
        /**
         * @description Where an appeal stands.
         * @enum {string}
         */
        AppealState: "open" | "asked" | "granted" | "refused";
        /** @description An appeal at the desk. */
        AppealView: {
            /** @description What may be done now: `grant`, `refuse`. */
            actions: string[];
            /** @description Who granted it first, where a second person must confirm. */
            asked_by?: string | null;
            /** @description The number that was stopped, masked. */
            caller: string;
            /** @description Its key for `POST /numbers`. */
            caller_key: string;
            decided_at?: components["schemas"]["Timestamp"] | null;
            decided_by?: string | null;
            found: components["schemas"]["FoundView"][];
            /** @description Whether a contact was left; `POST /reveal` with the field `contact` shows it. */
            has_contact: boolean;
            id: components["schemas"]["AppealId"];
            lift?: components["schemas"]["Lift"] | null;
            made_at: components["schemas"]["Timestamp"];
            /** @description Reference. */
            number: string;
            reason?: string | null;
            state: components["schemas"]["AppealState"];
            words: string;
        };
        /** @description An appeal with its history. */
        AppealWithHistory: components["schemas"]["AppealView"] & {
            /** @description Other open appeals about the number, the earliest first; they are granted with this one, and refused one by one. */
            beside: components["schemas"]["AppealBeside"][];
            /** @description What happened to it, the latest first. */
            history: components["schemas"]["EntryOutput"][];
        };
        /** @description Who asks about an appeal knows both. */
        AskInput: {
            /** @description The number that was stopped. */
            caller: string;
            /** @description Reference. */
            number: string;
        };
        /** @description What a caller did lately, in one window up to now. */
        BehaviourView: {
            /**
             * Format: int32
             * @description Of these, answered, in percent; absent where none ended.
             */
            answered_percent?: number | null;
            /**
             * Format: int32
             * @description Attempts.
             */
            attempts: number;
            /**
             * Format: int32
             * @description Calls that ended.
             */
            ended: number;
            /**
             * Format: int32
             * @description Of the answered, ended within six seconds, in percent; absent where none was answered.
             */
            short_percent?: number | null;
            /**
             * Format: int64
             * @description Length of the window, in seconds.
             */
            window_seconds: number;
        };
        /** @description Entries by what they do. */
        ByAction: {
            /** Format: int64 */
            allow: number;
            /** Format: int64 */
            block: number;
            /** Format: int64 */
            protect: number;
            /** Format: int64 */
            watch: number;
        };
        /** @description How many were stopped or passed with a warning, and why. */
        ByReason: {
            /** @description What was done. */
            action: string;
            /** @description `call` or `message`. */
            channel: string;
            /**
             * Format: int64
             * @description How many.
             */
            count: number;
            /** @description Why: `list`, `rule`, `check`, `line` and their detail, such as `rule:12`. */
            reason: string;
        };
        /** @description The centre's list, as this seat has it. */
        CentreListView: {
            /**
             * Format: int64
             * @description Seconds since the last change.
             */
            age_seconds?: number | null;
            centre: string;
            /** @description SHA-256 of the file of the whole list. */
            file_sha256?: string | null;
            heard_at?: components["schemas"]["Timestamp"] | null;
            made_at?: components["schemas"]["Timestamp"] | null;
            /**
             * Format: int64
             * @description Number of the list; 0 where there is none yet.
             */
            number: number;
            /** @description It is older than the parameter `list_stale_hours`. */
            stale: boolean;
        };
        /** @description A call that is thought of. */
        CheckInput: {
            /** @description The number called. */
            callee?: string | null;
            /** @description The caller as presented. */
            caller: string;
            /** @description `home`, `national` or `foreign`. */
            trunk_kind?: string | null;
        };
        /** @description What would happen. */
        CheckOutput: {
            /** @description The caller as read, masked; absent where it is no number. */
            caller?: string | null;
            /** @description What would be done, and why. */
            decision: components["schemas"]["DecisionView"];
            /** @description Entries that speak of the caller. */
            entries: string[];
            /** @description `mobile`, `fixed`, `service`, `foreign`, `unassigned`, or absent. */
            kind?: string | null;
        };
        /** @description A rule that compiles. */
        Checked: {
            /** @description Always true; faults come as a problem with every one of them. */
            fits: boolean;
        };
        CodeInput: {
            /** @description Six digits. */
            code?: string;
        };
        /** @description Counts of a second or a minute. */
        Counts: {
            /**
             * Format: int64
             * @description Call attempts.
             */
            calls: number;
            /**
             * Format: int64
             * @description Calls that went through with a label.
             */
            calls_labelled: number;
            /**
             * Format: int64
             * @description Calls that were stopped: refused, diverted to an announcement or challenged.
             */
            calls_stopped: number;
            /**
             * Format: int64
             * @description Calls that an order cut.
             */
            cut: number;
            /**
             * Format: int64
             * @description Messages.
             */
            messages: number;
            /**
             * Format: int64
             * @description Messages that went through with a mark.
             */
            messages_marked: number;
            /**
             * Format: int64
             * @description Messages that were stopped: refused or dropped.
             */
            messages_stopped: number;
        };
        /** @description A call that was cut, masked. */
        CutView: {
            callee: string;
            caller: string;
            cut_at: components["schemas"]["Timestamp"];
            started_at: components["schemas"]["Timestamp"];
        };
        /** @description What is decided. */
        DecisionInput: {
            /** @description With a grant: how much is lifted. */
            lift?: components["schemas"]["Lift"];
            /** @description Why; the caller is told. */
            reason: string;
        };
        /** @description What would happen to a call or did. */
        DecisionView: {
            /** @description `pass`, `monitor`, `label`, `challenge`, `announce`, `reject_603` or `reject_608`. */
            action: string;
            /** @description Its detail, such as `rule:12` or `list:centre`. */
            by: string;
            /** @description `clean`, `emergency`, `line`, `list`, `check` or `rule`. */
            reason: string;
            /**
             * Format: int32
             * @description How many rules in shadow would have done something.
             */
            shadow_hits: number;
        };
        /** @description What waits. A desk that one may not see counts nothing. */
        DeskCounts: {
            /**
             * Format: int64
             * @description Appeals that nobody has decided.
             */
            appeals: number;
            /**
             * Format: int64
             * @description Orders about lines of the last 24 hours that were not done.
             */
            line_orders: number;
            /**
             * Format: int64
             * @description Orders about lines of the last 24 hours.
             */
            line_orders_today: number;
            /**
             * Format: int64
             * @description Measures in force.
             */
            measures: number;
            /**
             * Format: int64
             * @description Rules that were cut out and not looked at since.
             */
            rules_cut_out: number;
            /**
             * Format: int64
             * @description Rules that wait for a second person.
             */
            rules_proposed: number;
        };
        /** @enum {string} */
        Duty: "primary" | "deputy" | "technical";
        /** @description A call that ended, as a row of the feed. */
        EndedCallRow: {
            /** @description The same; empty where nobody answered. */
            answered?: string | null;
            /** @description Names the call; each counts once. */
            call_id: string;
            /** @description Who was called. */
            callee: string;
            /** @description Who called; empty or `anonymous` where the number is withheld. */
            caller: string;
            /** @description Code of the cause of release, such as 16 or 486. */
            cause?: string | null;
            /** @description The same. */
            ended: string;
            /** @description RFC 3339, civil time in China, or seconds since 1970. */
            started: string;
            /**
             * Format: int32
             * @description Number of the trunk group.
             */
            trunk?: number | null;
        };
        /** @description What became of results of calls. */
        EndedCallsTaken: {
            /**
             * Format: int64
             * @description Counted in their callers' windows, and recorded.
             */
            counted: number;
            /**
             * Format: int64
             * @description Recorded only, since they ended over an hour ago.
             */
            recorded_only: number;
            /**
             * Format: int64
             * @description Refused; the others count.
             */
            refused: number;
            /** @description The first 1,000 refused rows with all their faults. */
            refused_rows: components["schemas"]["Refused"][];
            /**
             * Format: int64
             * @description Known already by their Call-ID.
             */
            repeated: number;
            /**
             * Format: int64
             * @description Rows read.
             */
            rows: number;
        };
        /** @description An entry to be added. */
        EntryInput: {
            /** @description `block`, `watch`, `allow` or `protect`. */
            action: string;
            /** @description The case. */
            case_number?: string | null;
            /** @description A day or a moment; left out, it stands until it is ended. */
            expires?: string | null;
            /** @description Words for colleagues. */
            note?: string | null;
            /** @description A number, a prefix (`+86170*`) or a range (`+8617012340000-+8617012349999`). */
            number: string;
            /** @description Why; a caller who is stopped is told. */
            reason: string;
            /** @description Who says so; this operator where left out. */
            source?: string | null;
        };
        /** @description An entry of the journal. Personal data is never in it. */
        EntryOutput: {
            /** @description Who. */
            actor: string;
            /** @description When. */
            at: components["schemas"]["Timestamp"];
            /** @description The public part. */
            body: Record<string, unknown>;
            /** @description The case to which it belongs. */
            case_id?: string | null;
            /** @description Hash of the entry in the chain, hex. */
            hash: string;
            /** @description What happened, for instance `order.approved`. */
            kind: string;
            /** @description Whether there is a personal part, which is kept encrypted. */
            private: boolean;
            /** @description Why personal data was looked at. */
            purpose?: string | null;
            /** @description Six-digit region code. */
            region?: string | null;
            /** @description The seat in which it happened. */
            seat: string;
            /**
             * Format: int64
             * @description Number, from 1 without a gap.
             */
            seq: number;
            /** @description About what, for instance `order:<id>`. */
            subject: string;
        };
        /**
         * @description Where an entry stands.
         * @enum {string}
         */
        EntryState: "active" | "ended" | "expired";
        /** @description An entry of the list. */
        EntryView: {
            /** @description `block`, `watch`, `allow` or `protect`. */
            action: string;
            case_number?: string | null;
            created_at: components["schemas"]["Timestamp"];
            created_by: string;
            end_reason?: string | null;
            ended_at?: components["schemas"]["Timestamp"] | null;
            ended_by?: string | null;
            expires_at?: components["schemas"]["Timestamp"] | null;
            id: components["schemas"]["ListEntryId"];
            import_id?: components["schemas"]["ImportId"] | null;
            note: string;
            /** @description The number masked; a prefix (`+86170*`) or range as it is. */
            number: string;
            reason: string;
            /** @description `full`, `prefix` or `range`. */
            shape: string;
            source: string;
            /** @description `active`, `ended` or `expired`. */
            state: components["schemas"]["EntryState"];
        };
        /** @description An entry with its history. */
        EntryWithHistory: components["schemas"]["EntryView"] & {
            /** @description What happened to it, the latest first. */
            history: components["schemas"]["EntryOutput"][];
        };
        /** @description Granted appeals against stopped calls and messages of the last days. */
        FalseBlocks: {
            /**
             * Format: int64
             * @description Days looked at, today included.
             */
            days: number;
            /**
             * Format: int64
             * @description Appeals granted.
             */
            granted: number;
            /**
             * Format: double
             * @description Granted appeals for each million stopped; absent where nothing was stopped.
             */
            per_million?: number | null;
            /**
             * Format: int64
             * @description Calls and messages stopped.
             */
            stopped: number;
        };
        /** @description One fault of input: the field, and what is said about it. */
        Fault: components["schemas"]["Said"] & {
            /** @description Path of the field in the input, for instance `payments[0].payee_account`. */
            field: string;
        };
        /** @description A feature of which rules may speak. */
        FeatureView: {
            /** @description `call` or `message`. */
            channel: string;
            en: string;
            /** @description `int`, `bool`, `text` or `texts`. */
            kind: string;
            /** @description Name in expressions. */
            name: string;
            /** @description The words that it can be, where they are few. */
            words: string[];
            zh: string;
        };
        /** @description The figures of the live page. */
        Figures: {
            /** @description When they were taken. */
            at: components["schemas"]["Timestamp"];
            /** @description The last 24 hours, since the start of the process. */
            last_day: components["schemas"]["Counts"];
            /** @description The last hour. */
            last_hour: components["schemas"]["Counts"];
            /** @description The last second that is whole. */
            last_second: components["schemas"]["Counts"];
            /** @description Of the last five minutes. */
            latency: components["schemas"]["Latency"];
            /** @description By minute, oldest first, the last two hours. */
            minutes: components["schemas"]["Point"][];
            /** @description Reasons of the last hour, the most frequent first. */
            reasons: components["schemas"]["ByReason"][];
            /** @description By second, oldest first. */
            seconds: components["schemas"]["Point"][];
            /** @description Callers of the last ten minutes, the busiest first. */
            top_callers: components["schemas"]["TopCaller"][];
        };
        /** @description An entry that spoke of the number when it appealed. */
        FoundView: {
            /** @description `block` or `watch`. */
            action: string;
            /** @description The number masked; a prefix or range as it is. */
            number: string;
            reason: string;
            /** @description `full`, `prefix` or `range`. */
            shape: string;
            source: string;
        };
        /** @description Something found. */
        Hit: {
            /** @description To tell it from others. */
            hint?: string | null;
            /** @description Its number. */
            number: string;
            /** @description For instance `appeal:0192…`. */
            subject: string;
            /** @description What it is. */
            title: string;
        };
        /** Format: uuid */
        ImportId: string;
        /**
         * @description Where a job stands.
         * @enum {string}
         */
        ImportState: "running" | "done" | "cancelled" | "failed";
        /** @description A file that was loaded, or is being loaded. */
        Imported: {
            /** @description When it began. */
            at: components["schemas"]["Timestamp"];
            /** @description By whom. */
            by: string;
            /** @description Why the file was not read to its end. */
            failure: components["schemas"]["Fault"][];
            /** @description Name of the file. */
            file_name: string;
            finished_at?: components["schemas"]["Timestamp"] | null;
            /** @description Identity. */
            id: components["schemas"]["ImportId"];
            /**
             * Format: int64
             * @description Rows that the list had already.
             */
            known: number;
            /**
             * Format: int64
             * @description Rows loaded.
             */
            loaded: number;
            /**
             * Format: int64
             * @description Rows refused.
             */
            refused: number;
            /** @description The refused rows with their faults, the first ten thousand. */
            refused_rows: components["schemas"]["Refused"][];
            /**
             * Format: int64
             * @description Rows read, until now while it runs.
             */
            rows: number;
            /** @description `running`, `done`, `cancelled`, or `failed` where the file could not be read to its end. */
            state: components["schemas"]["ImportState"];
        };
        /** @description Time of decisions, in nanoseconds. */
        Latency: {
            /**
             * Format: int64
             * @description The slowest.
             */
            max_ns: number;
            /**
             * Format: int64
             * @description Half are faster.
             */
            p50_ns: number;
            /**
             * Format: int64
             * @description 99 of 100 are faster.
             */
            p99_ns: number;
        };
        /**
         * @description How much of the block is lifted.
         * @enum {string}
         */
        Lift: "number" | "everything";
        /** @enum {string} */
        LineAnswerCode: "done" | "done_in_part" | "no_such_line" | "not_our_line" | "no_call_in_progress" | "emergency_call_not_cut" | "protected_number" | "nothing_to_lift" | "already_in_force" | "order_incomplete" | "order_already_handled" | "function_not_offered" | "internal_failure" | "other";
        /** Format: uuid */
        ListEntryId: string;
        /** @description A file that is sent. */
        ListImportForm: {
            /**
             * Format: binary
             * @description CSV (UTF-8, UTF-16 or GB18030) or XLSX.
             */
            file: string;
        };
        /** @description What the list in memory says, whoever says it. */
        ListSaid: {
            /** @description `block`, `watch`, `allow` or `protect`. */
            action: string;
            case_number?: string | null;
            expires_at?: components["schemas"]["Timestamp"] | null;
            /** @description The number masked; a prefix or range as it is. */
            number: string;
            /** @description It has expired. */
            over: boolean;
            reason: string;
            /** @description `full`, `prefix` or `range`. */
            shape: string;
            /** @description `centre:…`, `operator`, `file:…`, `appeal`, or another. */
            source: string;
        };
        /** @description What is in memory. */
        ListStatus: {
            /**
             * Format: int64
             * @description Bytes in memory.
             */
            bytes: number;
            centre?: components["schemas"]["CentreListView"] | null;
            /** @description The list file given at start. */
            file?: string | null;
            /** @description Everything in memory, from all sources. */
            in_memory: components["schemas"]["ByAction"];
            /** @description What this operator keeps itself. */
            own: components["schemas"]["ByAction"];
            /**
             * Format: int64
             * @description Of these, prefixes.
             */
            prefixes: number;
            /**
             * Format: int64
             * @description Of these, ranges.
             */
            ranges: number;
        };
        /** @description What is attempted and stopped now. */
        LiveView: components["schemas"]["Figures"] & {
            /**
             * Format: int64
             * @description Seconds since the centre's last change of its list; absent where the seat runs alone or has none.
             */
            centre_list_age_seconds?: number | null;
            /**
             * Format: int64
             * @description Events that were not recorded because the recorder was behind, since the start.
             */
            events_dropped: number;
            /** @description Granted appeals against what was stopped. */
            false_blocks: components["schemas"]["FalseBlocks"];
            /** @description Records kept. */
            records: components["schemas"]["Stored"];
        };
        LoginInput: {
            login?: string;
            password?: string;
            /** @description The code of the authenticator, where one is enrolled. */
            totp?: string | null;
        };
        /** Format: uuid */
        MeasureId: string;
        /**
         * @description Where a measure stands.
         * @enum {string}
         */
        MeasureState: "active" | "ended" | "lifted" | "used";
        /** @description A measure on a line. */
        MeasureView: {
            authority: string;
            case_number?: string | null;
            end_reason?: string | null;
            ended_at?: components["schemas"]["Timestamp"] | null;
            ended_by?: string | null;
            id: components["schemas"]["MeasureId"];
            /** @description `hold_flagged_calls`, `protect_line`, `suspend_line` or `label_next_call`. */
            kind: string;
            /** @description The kind in words. */
            kind_words: components["schemas"]["Text2"];
            /** @description The line, masked. */
            line: string;
            order_id?: components["schemas"]["OrderId"] | null;
            since: components["schemas"]["Timestamp"];
            /** @description `active`, `ended`, `lifted` or `used`. */
            state: components["schemas"]["MeasureState"];
            until?: components["schemas"]["Timestamp"] | null;
        };
        /** @description A user to be made. */
        NewUser: {
            /** @description 2 to 64 lowercase letters, digits, dots, dashes, underscores. */
            login?: string;
            /** @description Name to be shown. */
            name?: string;
            /** @description First password. */
            password?: string;
            /** @description Six-digit region code; left out for no limit. */
            region?: string | null;
            /** @description Codes of roles. */
            roles?: string[];
        };
        /** @description Which number. */
        NumberInput: {
            /**
             * Format: int64
             * @description Days looked back, 1 to 365; 7 where left out.
             */
            days?: number | null;
            /** @description The key of a number that was listed masked. */
            key?: string | null;
            /** @description The number as typed; or leave it out and give `key`. */
            number?: string | null;
        };
        /** @description One number's story. */
        NumberStory: {
            /** @description Absent for who may not see them. */
            appeals?: components["schemas"]["AppealHint"][] | null;
            /** @description What it did lately as a caller; empty for one that the windows do not know. */
            behaviour: components["schemas"]["BehaviourView"][];
            /** @description It is an emergency number, which is never stopped. */
            emergency: boolean;
            /** @description What this operator keeps and kept of it. */
            entries: components["schemas"]["EntryView"][];
            /** @description Begin of the period. */
            from: components["schemas"]["Timestamp"];
            /** @description Stands for it in further questions, while this process runs. */
            key: string;
            /** @description `mobile`, `fixed`, `service`, `foreign` or `unassigned`. */
            kind: string;
            /** @description Absent for who may not see them. */
            measures?: components["schemas"]["MeasureView"][] | null;
            /** @description There are more. */
            more: boolean;
            /** @description What would happen to a call from it by an operator of the country now. */
            now: components["schemas"]["DecisionView"];
            /** @description Masked. */
            number: string;
            /** @description Absent for who may not see them. */
            orders?: components["schemas"]["OrderView"][] | null;
            /** @description The latest records of the period. */
            records: components["schemas"]["RecordView"][];
            roaming?: components["schemas"]["RoamingView"] | null;
            /** @description What the list in memory says, closest first. */
            said: components["schemas"]["ListSaid"][];
            /** @description Counts of the period, over the records looked at. */
            sums: components["schemas"]["Sums"];
        };
        /** @description An official sender. */
        OfficialSender: {
            /** @description Accounts that may use it. */
            accounts: string[];
            /** @description Since when. */
            created_at: components["schemas"]["Timestamp"];
            /** @description Entered by. */
            created_by: string;
            /** @description Whose it is. */
            holder: string;
            /** @description Words for colleagues. */
            note: string;
            /** @description Address or name; with `*` behind, every address that begins so. */
            sender: string;
        };
        /** @description An order with what came of it. */
        OrderDetail: components["schemas"]["OrderView"] & {
            cut_calls: components["schemas"]["CutView"][];
            /** @description What happened, the latest first. */
            history: components["schemas"]["EntryOutput"][];
            /** @description Measures that it set. */
            measures: components["schemas"]["MeasureView"][];
        };
        /** Format: uuid */
        OrderId: string;
        /** @description An order about a line. */
        OrderView: {
            answer_words?: components["schemas"]["Text2"] | null;
            answered_at?: components["schemas"]["Timestamp"] | null;
            /** @description Who ordered. */
            authority: string;
            case_number: string;
            code?: components["schemas"]["LineAnswerCode"] | null;
            /** @description Calls that were cut. */
            cuts: number;
            id: components["schemas"]["OrderId"];
            /** @description `cut_call`, `hold_flagged_calls`, … */
            kind: string;
            kind_words?: components["schemas"]["Text2"] | null;
            /** @description The line, masked. */
            line: string;
            messages?: components["schemas"]["WarningsSent"] | null;
            number: string;
            reason?: string | null;
            received_at: components["schemas"]["Timestamp"];
            until?: components["schemas"]["Timestamp"] | null;
        };
        /** @description A row of the table. */
        Parameter: {
            /** @description Name in the configuration. */
            code: string;
            /**
             * Format: int64
             * @description Default value.
             */
            default: number;
            /** @description What it governs, in English. */
            en: string;
            /**
             * Format: int64
             * @description Largest value that a configuration may set.
             */
            max: number;
            /** @description Where the default comes from. */
            source: string;
            /** @description Unit of the value. */
            unit: components["schemas"]["Unit"];
            /** @description What it governs, in Chinese. */
            zh: string;
        };
        /** @description A parameter and its value in force. */
        ParameterView: components["schemas"]["Parameter"] & {
            /**
             * Format: int64
             * @description The value in force, in its unit.
             */
            value: number;
        };
        /** @description A partner. */
        Partner: {
            /**
             * Format: int32
             * @description Within how many minutes it answers an order.
             */
            answer_minutes: number;
            /** @description Codes by which others name the bank. */
            bank_codes: string[];
            /** @description Where it is reached, without `/wire/v1/…`. */
            base_url: string;
            /** @description When it was last changed. */
            changed_at?: components["schemas"]["Timestamp"];
            /** @description Whom to call. */
            contacts: components["schemas"]["PartnerContact"][];
            /** @description When it was entered. */
            created_at?: components["schemas"]["Timestamp"];
            /** @description Whether it is spoken to and listened to. */
            enabled: boolean;
            /** @description Name of the seat. */
            id: components["schemas"]["PartnerId"];
            /** @description Keys under which it seals. */
            keys: components["schemas"]["PublicKey"][];
            /** @description Name for people, in Chinese. */
            name: string;
            /** @description Name for people, in English. */
            name_en?: string;
            /** @description What it is. */
            role: components["schemas"]["PartnerRole"];
        };
        /** @description A person to call. */
        PartnerContact: {
            /** @description What for. */
            duty: components["schemas"]["Duty"];
            /** @description Name. */
            name: string;
            /** @description Telephone. */
            phone: string;
        };
        /** @description A person to call, as entered. */
        PartnerContactInput: {
            duty?: components["schemas"]["Duty"] | null;
            /** @description Name. */
            name?: string | null;
            /** @description Telephone. */
            phone?: string | null;
        };
        /** @description Name of a seat, for instance `bank-a`: 2–40 lower-case letters, digits and dashes, a letter first. */
        PartnerId: string;
        /** @description A partner as entered; on a change only the given fields. [`Partner::read`] tells what is missing or does not fit. */
        PartnerInput: {
            /**
             * Format: int64
             * @description Within how many minutes it answers an order.
             */
            answer_minutes?: number | null;
            /** @description Codes by which others name the bank. */
            bank_codes?: string[] | null;
            /** @description Where it is reached, without `/wire/v1/…`. */
            base_url?: string | null;
            /** @description Whom to call: an enabled bank has one round the clock and a deputy. */
            contacts?: components["schemas"]["PartnerContactInput"][] | null;
            /** @description Whether it is spoken to and listened to. */
            enabled?: boolean | null;
            /** @description Name of the seat: 2 to 40 lower-case letters, digits and dashes, a letter first. Never changed. */
            id?: string | null;
            /** @description Keys under which it seals: in our form, or as the partner's JWK. */
            keys?: Record<string, unknown>[] | null;
            /** @description Name for people, in Chinese. */
            name?: string | null;
            /** @description Name for people, in English. */
            name_en?: string | null;
            role?: components["schemas"]["PartnerRole"] | null;
        };
        /** @enum {string} */
        PartnerRole: "centre" | "bank" | "operator";
        PasswordInput: {
            /** @description The present password. */
            current?: string;
            /** @description 12 to 128 characters. */
            new?: string;
        };
        /** @description Counts at a moment. */
        Point: components["schemas"]["Counts"] & {
            /** @description Begin of the second or minute. */
            at: components["schemas"]["Timestamp"];
        };
        /** @description The envelope as it travels. */
        ProblemBody: {
            /** @description Stable code. */
            code: string;
            /** @description What to do, in the reader's language. */
            detail?: string;
            /** @description Every fault of the input, by field. */
            faults?: components["schemas"]["Fault"][];
            /** @description The id under which the server's log knows the request. */
            request_id: string;
            /**
             * Format: int32
             * @description HTTP status.
             */
            status: number;
            /** @description Title and detail in both languages. */
            texts: components["schemas"]["ProblemTexts"];
            /** @description What is wrong, in the reader's language. */
            title: string;
            /** @description `urn:shouhu:problem:<code>`. */
            type: string;
        };
        /** @description One language. */
        ProblemText: {
            /** @description What to do. */
            detail?: string;
            /** @description What is wrong. */
            title: string;
        };
        /** @description Both languages. */
        ProblemTexts: {
            /** @description English. */
            en: components["schemas"]["ProblemText"];
            /** @description Chinese. */
            zh: components["schemas"]["ProblemText"];
        };
        ProofInput: {
            /** @description A code of the authenticator that is enrolled now, where there is one. */
            code?: string | null;
            /** @description One's own password. */
            password?: string;
        };
        /** @description What the caller is told. */
        PublicAppeal: {
            decided_at?: components["schemas"]["Timestamp"] | null;
            made_at: components["schemas"]["Timestamp"];
            /** @description Reference, to ask with. */
            number: string;
            /** @description Why, once it is decided. */
            reason?: string | null;
            /** @description `open`, `asked`, `granted` or `refused`. */
            state: components["schemas"]["AppealState"];
            /** @description The state in words. */
            words: components["schemas"]["Text2"];
        };
        /** @description The public half of a key, as partners keep it. */
        PublicKey: {
            /** @description Key id: the JWK thumbprint. */
            kid: string;
            /** @description From here on it may not. */
            not_after: components["schemas"]["Timestamp"];
            /** @description First moment at which it may seal. */
            not_before: components["schemas"]["Timestamp"];
            /** @description The 32 bytes of the public key, base64url without padding. */
            public: string;
            revoked_at?: components["schemas"]["Timestamp"] | null;
        };
        /** @description Why numbers leave the seat unmasked. */
        PurposeInput: {
            /** @description Why; it goes into the journal. */
            purpose: string;
        };
        /** @description Why something ends. */
        ReasonInput: {
            /** @description Why. */
            reason: string;
        };
        /**
         * @description What a record is about.
         * @enum {string}
         */
        RecordKind: "call" | "call_end" | "message";
        /** @description A record of a number. */
        RecordView: {
            action: string;
            answered: boolean;
            at: components["schemas"]["Timestamp"];
            attestation: string;
            by: string;
            class?: string | null;
            cut: boolean;
            /** @description `out`: the number called or wrote; `in`: it was called or written to. */
            direction: string;
            kind: components["schemas"]["RecordKind"];
            /** @description The other number, masked. */
            other: string;
            /** @description Its key for `POST /numbers`. */
            other_key?: string | null;
            reason: string;
            /** Format: int64 */
            talked_seconds: number;
            /**
             * Format: int32
             * @description Number of the trunk group.
             */
            trunk: number;
            trunk_kind: string;
        };
        /** @description A row that does not load. */
        Refused: {
            /** @description All that is wrong with it. */
            faults: components["schemas"]["Fault"][];
            /**
             * Format: int64
             * @description Line in the file, from 1.
             */
            line: number;
        };
        /** @description A region. */
        RegionOutput: {
            /** @description Six digits, GB/T 2260. */
            code: string;
            /** @description `province`, `city` or `county`. */
            level: string;
            name: components["schemas"]["Text2"];
            /** @description Code of the region around it. */
            parent?: string | null;
            /** @description Code that took its place, where it was abolished. */
            successor?: string | null;
        };
        /** @description Which sender. */
        RemoveInput: {
            /** @description As it stands in the register. */
            sender: string;
        };
        /**
         * @description How much of what a rule hits goes to the centre.
         * @enum {string}
         */
        Report: "count" | "sampled" | "whole";
        /**
         * @description Which stuck work is tried again: an entry by `desk` and `seq`, or a timer by `timer`; all of it when none is named. A
         *     partner that has signed for another journal is dismissed by `desk` and `seq`, and by nothing else.
         */
        RetryInput: {
            /** @description The desk that put the entry aside. */
            desk?: string | null;
            /**
             * Format: int64
             * @description The entry.
             */
            seq?: number | null;
            /** @description The timer. */
            timer?: string | null;
        };
        /** @description What was asked for. */
        RetryOutput: {
            /**
             * Format: int64
             * @description Pieces of work that are tried again.
             */
            asked: number;
        };
        /** @description What is to be shown, and why. */
        RevealInput: {
            /** @description For instance `victim.phone`. */
            field?: string;
            /** @description Why; recorded. May come in the header `X-Purpose` instead. */
            purpose?: string | null;
            /** @description For instance `report:0192…`. */
            subject?: string;
        };
        /** @description The value in full. */
        RevealOutput: {
            /** @description The value. */
            value: string;
        };
        /** @description A right that a route or a store call asks for. */
        Right: {
            /** @description Code, for instance `stop.check`. */
            code: string;
            /** @description Name in English. */
            en: string;
            /** @description Name in Chinese. */
            zh: string;
        };
        /** @description Where a subscriber is, as a row of the feed. */
        RoamingRow: {
            /** @description The visited network, a PLMN code or a name. */
            network?: string | null;
            /** @description A mobile number of the mainland. */
            number: string;
            /** @description RFC 3339, civil time in China, or seconds since 1970; now where left out. */
            since?: string | null;
            /** @description `abroad` or `home`; `abroad` where left out. */
            state?: string | null;
            /** @description The same; where left out the parameters `roaming_abroad_hours` and `roaming_home_hours` say how long it holds. */
            until?: string | null;
        };
        /** @description What became of rows of the home register. */
        RoamingTaken: {
            /**
             * Format: int64
             * @description Subscribers that count as abroad.
             */
            abroad: number;
            /**
             * Format: int64
             * @description Subscribers that count as at home.
             */
            home: number;
            /**
             * Format: int64
             * @description Refused; the others hold.
             */
            refused: number;
            /** @description The first 1,000 refused rows with all their faults. */
            refused_rows: components["schemas"]["Refused"][];
            /**
             * Format: int64
             * @description Rows read.
             */
            rows: number;
        };
        /** @description What stands in the register of a number. */
        RoamingView: {
            /** @description The visited network. */
            network?: string | null;
            /** @description From when. */
            since: components["schemas"]["Timestamp"];
            /** @description Where. */
            state: components["schemas"]["Whereabouts"];
            /** @description Until when that holds. */
            until: components["schemas"]["Timestamp"];
        };
        /** @description A set of rights that a user can be given. */
        Role: {
            /** @description Code, for instance `stop_officer`. */
            code: string;
            /** @description Name in English. */
            en: string;
            /** @description Codes of its rights. */
            rights: string[];
            /** @description The seats that have this role: `centre`, `bank`, `operator`. */
            seats: string[];
            /** @description Name in Chinese. */
            zh: string;
        };
        /** @description Roles that this seat has, and all rights with their names. */
        RolesOutput: {
            rights: components["schemas"]["Right"][];
            roles: components["schemas"]["Role"][];
        };
        /** @description What a person writes of a rule. */
        RuleInput: {
            /**
             * @description Of a call: `pass`, `monitor`, `label`, `challenge`, `announce`, `reject_603`, `reject_608`; of a message: `pass`,
             *     `monitor`, `mark`, `reject`, `drop`.
             */
            action: string;
            /** @description `call` or `message`. */
            channel: string;
            /** @description CEL condition over the features of the channel; see `GET /rule-features`. */
            expression: string;
            /** @description With `label` and `mark`: `scam`, `forged`, `foreign`, `marketing`, `harassment` or `centre`. */
            label?: string | null;
            name_en: string;
            name_zh: string;
            /**
             * Format: int32
             * @description The rule with the lower number is asked first.
             */
            priority: number;
            /** @description How much of its hits the centre gets: `count`, `sampled` or `whole`. */
            report?: components["schemas"]["Report"];
        };
        /** @description A rule. */
        RuleView: components["schemas"]["RuleInput"] & {
            /** @description What may be done now. */
            actions: string[];
            changed_at: components["schemas"]["Timestamp"];
            changed_by: string;
            cut_out_at?: components["schemas"]["Timestamp"] | null;
            /**
             * Format: int64
             * @description How often it decided, or would have.
             */
            decided?: number | null;
            /**
             * Format: int64
             * @description How often it held since the start; of a rule in shadow, what it would have held for.
             */
            held?: number | null;
            /** Format: int32 */
            id: number;
            owner: string;
            proposed_at?: components["schemas"]["Timestamp"] | null;
            /** @description Who proposed that it go live. */
            proposed_by?: string | null;
            /**
             * Format: int32
             * @description Raised by each edit.
             */
            revision: number;
            /** @description `draft`, `shadow`, `live` or `retired`. */
            stage: string;
            /**
             * Format: double
             * @description The share of calls that it usually holds for.
             */
            usual_share?: number | null;
            /** Format: int64 */
            version: number;
        };
        /** @description A rule with its versions. */
        RuleWithVersions: components["schemas"]["RuleView"] & {
            /** @description The latest first. */
            versions: components["schemas"]["VersionView"][];
        };
        /** @description Words in both languages with their stable code. */
        Said: {
            /** @description Stable code. */
            code: string;
            /** @description What is wrong, in English. */
            en: string;
            /** @description What to do, in English. */
            en_remedy?: string;
            /** @description What is wrong, in Chinese. */
            zh: string;
            /** @description What to do, in Chinese. */
            zh_remedy?: string;
        };
        /** @description A call or message for which the rule would have decided. */
        Sample: {
            /** @description When. */
            at: components["schemas"]["Timestamp"];
            /** @description Callee or receiver, masked. */
            callee: string;
            /** @description Caller or sender, masked. */
            caller: string;
            /** @description What was done at the time. */
            then: string;
        };
        /** @description A scam type. */
        ScamTypeOutput: {
            /** @description How it works. */
            about: components["schemas"]["Text2"];
            code: string;
            name: components["schemas"]["Text2"];
            /** @description What to remember. */
            reminder: components["schemas"]["Text2"];
        };
        /** @description The seat. */
        SeatOutput: {
            /** @description For instance `centre-43`. */
            id: string;
            /** @description Name to be shown. */
            name: components["schemas"]["Text2"];
            /** @description The server's time, by which the page counts down. */
            now: components["schemas"]["Timestamp"];
            /** @description Whether single sign-on is set up. */
            oidc: boolean;
            /** @description `centre` or `bank`. */
            seat: string;
            /** @description Version of the software. */
            version: string;
        };
        /** @description What was entered or removed. */
        SenderDone: {
            sender: string;
        };
        /** @description What is entered. */
        SenderInput: {
            /** @description Accounts (SMPP `system_id`) that may use it. */
            accounts: string[];
            /** @description Whose it is. */
            holder: string;
            /** @description Words for colleagues. */
            note?: string;
            /** @description Address or name; with `*` behind, every address that begins so. */
            sender: string;
        };
        /** @description Who is logged in. */
        SessionOutput: {
            /** @description Goes back as the header `X-Shouhu-CSRF` with every request that changes something. */
            csrf: string;
            /** @description When the session ends at the latest. */
            expires_at: components["schemas"]["Timestamp"];
            /** @description Whether an authenticator must be enrolled first: until then the session has no rights. */
            must_enrol: boolean;
            /** @description Codes of the rights. */
            rights: string[];
            user: components["schemas"]["SessionUser"];
        };
        SessionUser: {
            id: components["schemas"]["UserId"];
            login: string;
            name: string;
            /** @description Leading digits of the regions that may be seen; left out for no limit. */
            region?: string | null;
            /** @description Codes of the roles. */
            roles: string[];
        };
        /**
         * @description What people do to a rule that is there.
         * @enum {string}
         */
        Step: "try" | "propose" | "publish" | "decline" | "stand_down" | "retire" | "restore";
        /** @description What is done with a rule. */
        StepInput: {
            /** @description `try`, `propose`, `publish`, `decline`, `stand_down`, `retire` or `restore`. */
            step: components["schemas"]["Step"];
        };
        /** @description What is kept. */
        Stored: {
            /**
             * Format: int64
             * @description Bytes of the files.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Files.
             */
            files: number;
            /**
             * Format: int64
             * @description Records in memory, not yet written.
             */
            waiting: number;
        };
        /** @description A piece of stuck work. */
        Stuck: {
            /**
             * Format: int64
             * @description How often it was tried.
             */
            attempts: number;
            /**
             * @description The desk that could not handle it; for a timer its kind; `partner:<id>` for a partner that has signed for another
             *     journal (`journal.contradicted`).
             */
            desk: string;
            /** @description What happened, or what the timer is for. */
            kind: string;
            /** @description Why it failed the last time. */
            reason: string;
            /** @description Six-digit region code of what it is about. */
            region?: string | null;
            /**
             * @description Whether a new attempt is asked for and has not come yet, or comes by itself: the desk waits at this entry. A timer
             *     is tried again by itself too, with long pauses.
             */
            retrying: boolean;
            /**
             * Format: int64
             * @description The journal entry; absent for a timer.
             */
            seq?: number | null;
            /** @description Since when it is stuck. */
            since: components["schemas"]["Timestamp"];
            /** @description About whom or what. */
            subject: string;
            /** @description Name of the timer; absent for an entry. */
            timer?: string | null;
        };
        /** @description Counts of a number in the period. */
        Sums: {
            /** Format: int64 */
            calls_in: number;
            /** Format: int64 */
            calls_out: number;
            /** Format: int64 */
            calls_out_stopped: number;
            /** Format: int64 */
            messages_in: number;
            /** Format: int64 */
            messages_out: number;
            /** Format: int64 */
            messages_out_stopped: number;
            /**
             * Format: int64
             * @description Different numbers called or written to.
             */
            reached: number;
        };
        /** @description A rule, and on what it is tested. */
        TestInput: components["schemas"]["RuleInput"] & {
            /**
             * Format: int64
             * @description Hours of records, up to now; 24 where left out, 72 at most.
             */
            hours?: number | null;
        };
        /** @description What a rule would have done with recorded calls or messages. */
        Tested: {
            /**
             * Format: int64
             * @description Different callers or senders among the hits.
             */
            callers: number;
            /** @description The records were more than are looked at; these are the earliest. */
            cut_short: boolean;
            /**
             * Format: int64
             * @description Calls or messages looked at.
             */
            events: number;
            /**
             * Format: int64
             * @description For how many of them it would have decided.
             */
            hits: number;
            /** @description Some of the hits, masked, the first of each caller or sender. */
            samples: components["schemas"]["Sample"][];
            /** @description What was done with those at the time, by action. */
            then: {
                [key: string]: number;
            };
        };
        /** @description A name in both languages. */
        Text2: {
            /** @description English. */
            en: string;
            /** @description Chinese. */
            zh: string;
        };
        /** Format: date-time */
        Timestamp: string;
        /** @description A caller or sender and what it did in the last ten minutes. */
        TopCaller: {
            /**
             * Format: int64
             * @description Attempts.
             */
            attempts: number;
            /** @description The number, masked. */
            caller: string;
            /** @description Stands for the number in `POST /api/numbers`, while this process runs. */
            key: string;
            /**
             * Format: int64
             * @description How many of them were stopped.
             */
            stopped: number;
        };
        /** @description The secret to be put into an authenticator. */
        TotpOutput: {
            /** @description Base32, for typing. */
            secret: string;
            /** @description For a QR code. */
            uri: string;
        };
        /**
         * @description The unit of a value.
         * @enum {string}
         */
        Unit: "days" | "hours" | "minutes" | "seconds" | "count" | "permille";
        /** @description A user as others see him. */
        User: {
            /** @description When last changed. */
            changed: components["schemas"]["Timestamp"];
            /** @description When made. */
            created: components["schemas"]["Timestamp"];
            /** @description Whether the user may no longer log in. */
            disabled: boolean;
            /** @description Whether the account belongs to the single sign-on. */
            external: boolean;
            /** @description Identifier. */
            id: components["schemas"]["UserId"];
            /** @description Login. */
            login: string;
            /** @description Name to be shown. */
            name: string;
            /** @description Six-digit region code of the scope. */
            region?: string | null;
            /** @description Codes of roles. */
            roles: string[];
            /** @description Whether an authenticator is enrolled. */
            totp: boolean;
        };
        /** @description Changes of a user; what is left out stays. */
        UserChange: {
            /** @description Whether the user may no longer log in. */
            disabled?: boolean | null;
            /** @description `true` forgets the authenticator. */
            forget_totp?: boolean | null;
            /** @description Name to be shown. */
            name?: string | null;
            /** @description A new password. */
            password?: string | null;
            /** @description Six-digit region code; the empty text takes the limit away. */
            region?: string | null;
            /** @description Codes of roles. */
            roles?: string[] | null;
        };
        /** Format: uuid */
        UserId: string;
        /** @description A verification that came to no end, and so says nothing of the journal. */
        VerificationFailure: {
            /** @description When. */
            at: components["schemas"]["Timestamp"];
            /** @description Why. */
            said: components["schemas"]["Said"];
        };
        /** @description How far the journal is whole. */
        VerificationOutput: {
            /**
             * Format: int64
             * @description The last entry that the anchor outside the database names; 0 when there is no anchor.
             */
            anchored_seq: number;
            /** @description When this was looked at. */
            at: components["schemas"]["Timestamp"];
            /** @description Lines of the anchor that count as nothing, and why. */
            doubts: components["schemas"]["Said"][];
            /**
             * Format: int64
             * @description Entries looked at.
             */
            entries: number;
            /**
             * Format: int64
             * @description The first entry that does not fit.
             */
            first_bad?: number | null;
            /** @description Hash of the last good entry, hex. */
            head_hash: string;
            /** @description Whether every entry and every seal fits. */
            ok: boolean;
            reason?: components["schemas"]["Said"] | null;
            /**
             * Format: int64
             * @description The last entry covered by a good seal; 0 when there is none.
             */
            sealed_seq: number;
            stamped_at?: components["schemas"]["Timestamp"] | null;
            /**
             * Format: int64
             * @description The last entry with a good time stamp (RFC 3161) in the anchor; 0 when there is none.
             */
            stamped_seq: number;
            /** @description That partner. */
            witness?: string | null;
            /**
             * Format: int64
             * @description The last entry for which a partner has signed, by a receipt in the anchor; 0 when there is none.
             */
            witnessed_seq: number;
        };
        /** @description Where the verification of the journal stands. */
        VerificationState: {
            failed?: components["schemas"]["VerificationFailure"] | null;
            last?: components["schemas"]["VerificationOutput"] | null;
            running_since?: components["schemas"]["Timestamp"] | null;
        };
        /** @description A version of a rule. */
        VersionView: components["schemas"]["RuleInput"] & {
            at: components["schemas"]["Timestamp"];
            by: string;
            stage: string;
            /** Format: int64 */
            version: number;
            /** @description `made`, `edited`, `tried`, `proposed`, `published`, `declined`, `stood_down`, `cut_out`, `retired`, `restored`. */
            what: string;
        };
        /** @description How the warning messages went. */
        WarningsSent: {
            /**
             * Format: int32
             * @description Failed.
             */
            failed: number;
            /**
             * Format: int32
             * @description Not sent because the number is not one of the operator's lines, or is a service number.
             */
            not_ours: number;
            /**
             * Format: int32
             * @description Sent.
             */
            sent: number;
            /**
             * Format: int32
             * @description Not sent because the person was warned in this case before.
             */
            warned_before: number;
        };
        /**
         * @description Where a subscriber is.
         * @enum {string}
         */
        Whereabouts: "abroad" | "home";
    };
}
/** What is read with GET. */
export type Reads =
  | "/appeals"
  | "/desk-counts"
  | "/events"
  | "/false-blocks"
  | "/journal"
  | "/journal/stuck"
  | "/journal/verification"
  | "/line-orders"
  | "/list"
  | "/list-imports"
  | "/list-status"
  | "/live"
  | "/live/stream"
  | "/measures"
  | "/oidc/callback"
  | "/oidc/login"
  | "/parameters"
  | "/partners"
  | "/regions"
  | "/roles"
  | "/rule-features"
  | "/rules"
  | "/scam-types"
  | "/search"
  | "/seat"
  | "/senders"
  | "/session"
  | "/users"
  | `/appeals/${string}`
  | `/line-orders/${string}`
  | `/list-imports/${string}`
  | `/list/${string}`
  | `/partners/${string}`
  | `/rules/${string}`;
/** What is changed. */
export type Acts =
  | "/calls/ended"
  | "/journal/stuck/retry"
  | "/journal/verification"
  | "/list"
  | "/list-export"
  | "/list-imports"
  | "/numbers"
  | "/numbers/check"
  | "/partners"
  | "/public/appeals"
  | "/public/appeals/state"
  | "/reveal"
  | "/roaming"
  | "/rules"
  | "/rules/check"
  | "/rules/test"
  | "/senders"
  | "/senders/remove"
  | "/session"
  | "/session/password"
  | "/session/totp"
  | "/session/totp/confirm"
  | "/users"
  | `/appeals/${string}/grant`
  | `/appeals/${string}/refuse`
  | `/list-imports/${string}/cancel`
  | `/list/${string}/end`
  | `/partners/${string}`
  | `/rules/${string}/step`
  | `/rules/${string}`
  | `/users/${string}`;
/** Rights by which routes are open. */
export type Rights =
  | "journal.read"
  | "journal.retry"
  | "operator.appeals.decide"
  | "operator.lines.read"
  | "operator.lists.read"
  | "operator.lists.write"
  | "operator.live.read"
  | "operator.rules.publish"
  | "operator.rules.write"
  | "operator.senders.write"
  | "partners.write"
  | "reveal"
  | "users.write";
