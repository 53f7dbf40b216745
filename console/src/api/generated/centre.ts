/** Written by `npm run gen:api` from `shouhu centre openapi`; changes are made there. */

/* oxlint-disable */
export interface components {
    schemas: {
        /** @description An account found, and whose it seems to be. */
        AccountFinding: {
            /** @description `card` or `other`, by the check digit. */
            kind: string;
            /** @description Whose it seems to be by the words before it. */
            side: components["schemas"]["Side"];
            /** @description Where it stands. */
            span: components["schemas"]["Span"];
            /** @description As written. */
            text: string;
            /** @description Canonical number. */
            value: string;
        };
        /** @description An account of a chase. `received = passed_on + exited + unseen + remaining`. */
        AccountRow: {
            /** @description Masked. */
            account: string;
            bank: string;
            bank_name: string;
            exited: components["schemas"]["Money"];
            /** @description What the bank holds there for the case; more than `stopped` where it is not the victim's. */
            held: components["schemas"]["Money"];
            /** @description Key of the account within the chase, for the graph. */
            key: string;
            /** Format: int64 */
            level: number;
            /** @description Whether who asks may have it stopped by hand now. */
            may_stop: boolean;
            /** @description Masked. */
            name?: string | null;
            orders: components["schemas"]["OrderId"][];
            out_of_reach: components["schemas"]["Money"];
            passed_on: components["schemas"]["Money"];
            received: components["schemas"]["Money"];
            remaining: components["schemas"]["Money"];
            state: components["schemas"]["AccountState"];
            stopped: components["schemas"]["Money"];
            unseen: components["schemas"]["Money"];
        };
        /**
         * @description Where one account of a chase stands.
         * @enum {string}
         */
        AccountState: "found" | "stopping" | "asking" | "stopped" | "stopped_in_part" | "emptied" | "refused" | "unreachable" | "too_deep" | "released" | "incomplete" | "unnamed";
        AccountView: {
            account: string;
            available: components["schemas"]["Money"];
            balance: components["schemas"]["Money"];
            name: string;
            opened_at: components["schemas"]["Timestamp"];
        };
        /**
         * @description What may be done with an order now.
         * @enum {string}
         */
        Act: "approve" | "refuse" | "cancel" | "attach_paper" | "lift" | "extend" | "freeze" | "renew" | "query" | "query_holder" | "query_accounts" | "watch" | "end_watch";
        /** @description An amount found. */
        AmountFinding: {
            /** @description What the words around it say. */
            role: components["schemas"]["AmountRole"];
            /** @description Where it stands. */
            span: components["schemas"]["Span"];
            /** @description As written. */
            text: string;
            /** @description How much. */
            value: components["schemas"]["Money"];
        };
        /**
         * @description What an amount seems to be.
         * @enum {string}
         */
        AmountRole: "paid" | "demanded" | "total" | "other";
        /** @enum {string} */
        AnswerCode: "done" | "done_in_part" | "no_such_account" | "name_mismatch" | "amount_or_time_mismatch" | "protected_account" | "already_stopped" | "already_frozen" | "waiting_in_line" | "stops_used_up" | "order_incomplete" | "papers_missing" | "seal_not_valid" | "order_already_handled" | "function_not_offered" | "nothing_to_lift" | "internal_failure" | "other";
        /** @description A bank's answer with personal data masked. */
        AnswerView: {
            accounts?: components["schemas"]["AccountView"][] | null;
            available?: components["schemas"]["Money"] | null;
            balance?: components["schemas"]["Money"] | null;
            code: components["schemas"]["AnswerCode"];
            existing: components["schemas"]["ExistingHold"][];
            faults: components["schemas"]["Fault"][];
            from?: components["schemas"]["Timestamp"] | null;
            held?: components["schemas"]["Money"] | null;
            holder?: components["schemas"]["HolderView"] | null;
            mismatches: string[];
            more: boolean;
            /** Format: int32 */
            position?: number | null;
            /** Format: int32 */
            stops_used?: number | null;
            transactions?: components["schemas"]["MovementView"][] | null;
            until?: components["schemas"]["Timestamp"] | null;
            words: components["schemas"]["Said"];
        };
        /** Format: uuid */
        AppealId: string;
        /** @enum {string} */
        ApprovalLevel: "county" | "prefecture" | "province";
        /** @description A paper attached to an order. */
        AttachedPaper: {
            /** @description Media type. */
            media_type: string;
            /** @description File name. */
            name: string;
            /** @description SHA-256 of the content. */
            sha256: string;
        };
        /** @description A bank found. */
        BankFinding: {
            /** @description Where it stands. */
            span: components["schemas"]["Span"];
            /** @description As written. */
            text: string;
            /** @description Partner id. */
            value: string;
        };
        /**
         * @description How sure it is that two payments are one.
         * @enum {string}
         */
        Certainty: "possible" | "same";
        /** @enum {string} */
        Channel: "counter" | "online" | "mobile" | "atm" | "card_terminal" | "top_up" | "game_card" | "virtual_currency" | "abroad" | "cash" | "payment_institution" | "fee" | "interest" | "other";
        /** @description A chase with all it has found. */
        ChaseDetail: components["schemas"]["ChaseRow"] & {
            accounts_found: components["schemas"]["AccountRow"][];
            /** @description Whether who asks may let more orders go than the chase issues by itself. */
            may_order_more: boolean;
            may_pause: boolean;
            may_resume: boolean;
            payments: components["schemas"]["PaymentRow"][];
            /**
             * Format: int64
             * @description Payments of the case that this chase does not follow and that wait for a person, see `/payments-waiting`.
             */
            payments_waiting: number;
            transfers: components["schemas"]["TransferRow"][];
            /** @description What else of the chase waits for a person. */
            waiting: components["schemas"]["ChaseWait"][];
        };
        /** @description A chase in a list. */
        ChaseRow: {
            /** Format: int64 */
            accounts: number;
            case_id: components["schemas"]["ReportId"];
            case_number: string;
            changed_at: components["schemas"]["Timestamp"];
            dry_at?: components["schemas"]["Timestamp"] | null;
            /** @description What has left the accounts. */
            exited: components["schemas"]["Money"];
            /** Format: int64 */
            levels: number;
            /** @description What is neither. */
            open: components["schemas"]["Money"];
            /** Format: int64 */
            orders_open: number;
            region: string;
            /** @description What the victim paid. */
            reported: components["schemas"]["Money"];
            reported_at: components["schemas"]["Timestamp"];
            started_at: components["schemas"]["Timestamp"];
            state: components["schemas"]["ChaseState"];
            /** @description What is held of it. */
            stopped: components["schemas"]["Money"];
        };
        /**
         * @description Where a chase stands.
         * @enum {string}
         */
        ChaseState: "running" | "dry" | "paused";
        /** @description Something of a chase that waits for a person. */
        ChaseWait: {
            case_id: components["schemas"]["ReportId"];
            case_number: string;
            /** @description What it is about within the chase: key of an account, or nothing. */
            key: string;
            /** @description `orders_beyond`, `statement_incomplete`, `order_not_made`, `paused_with_news`, `payment_unfit`, `stuck`. */
            kind: string;
            region: string;
            since: components["schemas"]["Timestamp"];
            /** @description What it is and what to do, in both languages. */
            words: components["schemas"]["Said"];
        };
        /** @description A chat account found. */
        ChatFinding: {
            /** @description `qq`, `wechat`, `telegram`, `whatsapp`, `line`, `douyin`, `momo`, `dingtalk`, `alipay`, `bat`. */
            service: string;
            /** @description Where it stands. */
            span: components["schemas"]["Span"];
            /** @description As written. */
            text: string;
            /** @description The account. */
            value: string;
        };
        CheckInput: {
            amount: components["schemas"]["Money"];
            at: components["schemas"]["Timestamp"];
            reference?: string | null;
        };
        CloseInput: {
            /** @description Why its work is done; stands in the journal, so it names nobody. */
            reason: string;
        };
        CodeInput: {
            /** @description Six digits. */
            code?: string;
        };
        /** @description One column. */
        ColumnMapping: {
            /** @description Name of the column, or its place as `#3`. */
            column: string;
            /** @description Field, one of the list. */
            field: string;
        };
        /** @enum {string} */
        ContactChannel: "call" | "message" | "other";
        /**
         * @description Currency code, ISO 4217 and CNH
         * @example CNY
         */
        Currency: string;
        /** @description A call that was ended. Numbers are masked. */
        CutView: {
            callee: string;
            caller: string;
            cut_at: components["schemas"]["Timestamp"];
            started_at: components["schemas"]["Timestamp"];
        };
        /** @description A value for a field. */
        DefaultValue: {
            /** @description Field, one of the list. */
            field: string;
            /** @description Value, as it would stand in a cell. */
            value: string;
        };
        /** @description What waits. A desk that one may not see counts nothing. */
        DeskCounts: {
            /**
             * Format: int64
             * @description What of chases waits for a person: orders beyond those that go by themselves, statements that are not complete.
             */
            chase_waiting: number;
            /**
             * Format: int64
             * @description Chases that run.
             */
            chases: number;
            /**
             * Format: int64
             * @description Reports in draft.
             */
            drafts: number;
            /**
             * Format: int64
             * @description Holds in effect.
             */
            held: number;
            /**
             * Format: int64
             * @description Measures on lines in force.
             */
            line_in_effect: number;
            /**
             * Format: int64
             * @description Orders about lines that an operator did not carry out, or nobody answered.
             */
            line_refused: number;
            /**
             * Format: int64
             * @description Orders about lines that wait for a checker.
             */
            line_review: number;
            /**
             * Format: int64
             * @description Orders about lines that wait for an operator.
             */
            line_waiting: number;
            /**
             * Format: int64
             * @description Numbers that reports named and that wait for an officer.
             */
            number_proposed: number;
            /**
             * Format: int64
             * @description Prefixes and ranges that wait for a second person.
             */
            number_review: number;
            /**
             * Format: int64
             * @description Orders whose answer is overdue.
             */
            overdue: number;
            /**
             * Format: int64
             * @description Those of them that came from the public page and wait for an officer.
             */
            public_drafts: number;
            /**
             * Format: int64
             * @description Orders that a bank did not carry out, or nobody answered.
             */
            refused: number;
            /**
             * Format: int64
             * @description Pairs of reports that may speak of one payment and wait for a person.
             */
            report_pairs: number;
            /**
             * Format: int64
             * @description Orders that wait for a checker.
             */
            review: number;
            /**
             * Format: int64
             * @description Messages refused for their seal in the last 24 hours, 100 at most: an alarm.
             */
            seals_refused: number;
            /**
             * Format: int64
             * @description Payments that no chase follows by itself and that wait for a person.
             */
            to_place: number;
            /**
             * Format: int64
             * @description Orders that wait for a bank.
             */
            waiting: number;
        };
        /** @enum {string} */
        Direction: "in" | "out";
        /** @description A report as typed: any field may be empty or wrong; [`crate::intake::check`] tells. */
        Draft: {
            /** @description `110`, `96110`, `counter`, `public`, `partner`, `import`. */
            channel?: string | null;
            /** @description How the scammer reached the victim. */
            contacts?: components["schemas"]["DraftContact"][];
            /** @description What happened, in the victim's words. */
            narrative?: string | null;
            /** @description When it happened; empty means the first payment. */
            occurred_at?: string | null;
            /** @description What was paid. */
            payments?: components["schemas"]["DraftPayment"][];
            /** @description Region code that handles the report; empty means the victim's. */
            region?: string | null;
            /** @description Scam type code or name. */
            scam_type?: string | null;
            /** @description Who was scammed. */
            victim?: components["schemas"]["DraftVictim"];
        };
        /** @description An amount as typed: `{minor, currency}` or a text such as `3万`. */
        DraftAmount: components["schemas"]["Money"] | string;
        /** @description A contact as typed. */
        DraftContact: {
            /** @description `phone`, `url`, `chat`, `app`. */
            kind?: string | null;
            /** @description The number, address, account or name. */
            value?: string | null;
        };
        /** @description A payment as typed. */
        DraftPayment: {
            amount?: components["schemas"]["DraftAmount"] | null;
            /** @description How: code of a payment channel; may stay empty. */
            channel?: string | null;
            /** @description Currency of an amount given as text; empty means CNY. */
            currency?: string | null;
            /** @description When: with offset, or China Standard Time such as `2026-11-22 15:20:05`. */
            paid_at?: string | null;
            /** @description Account paid into. */
            payee_account?: string | null;
            /** @description Its bank: partner id, or the name that the victim says; may stay empty. */
            payee_bank?: string | null;
            /** @description Holder of that account as the victim knows it; the bank checks it before it stops. */
            payee_name?: string | null;
            /** @description Account paid from; may stay empty. */
            payer_account?: string | null;
            /** @description Its bank: partner id or name; may stay empty. */
            payer_bank?: string | null;
            /** @description Holder of that account; may stay empty. */
            payer_name?: string | null;
            /** @description The bank's reference (流水号); may stay empty. */
            reference?: string | null;
        };
        /** @description The victim as typed. */
        DraftVictim: {
            /** @description Identity number; may stay empty. */
            citizen_id?: string | null;
            /** @description Name. */
            name?: string | null;
            /** @description Telephone. */
            phone?: string | null;
            /** @description Region code where the victim lives; empty means that of the report. */
            region?: string | null;
        };
        /** @description A payment of another report that is, or may be, the same. */
        Duplicate: {
            /** @description How sure it is. */
            certainty: components["schemas"]["Certainty"];
            /** @description Its number. */
            number: string;
            /** @description Which payment of the report asked about, from 0. */
            payment: number;
            /** @description Region that handles it. */
            region: string;
            /** @description The report to join: the other one, or the one that it was joined to. */
            report_id: components["schemas"]["ReportId"];
            /** @description Its state. */
            state: components["schemas"]["ReportState"];
            /** @description When it was submitted. */
            submitted_at: components["schemas"]["Timestamp"];
        };
        DuplicatesInput: {
            except?: components["schemas"]["ReportId"] | null;
            /** @description Payments of the report being typed; those that do not read yet are passed over. */
            payments: components["schemas"]["DraftPayment"][];
            /** @description Its victim, as far as known. */
            victim?: components["schemas"]["DraftVictim"];
        };
        /** @enum {string} */
        Duty: "primary" | "deputy" | "technical";
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
        /** @description A hold that is on the account already. */
        ExistingHold: {
            /**
             * Format: int64
             * @description How much, minor units; absent means the whole account.
             */
            amount_minor?: number | null;
            /** @description Who ordered it. */
            authority: string;
            /** @description In which case. */
            case_number: string;
            /** @description What it is. */
            kind: components["schemas"]["HoldKind"];
            /**
             * Format: int32
             * @description Place in the line; 0 is in force.
             */
            position?: number;
            /** @description Until when. */
            until: components["schemas"]["Timestamp"];
        };
        /** @description One fault of input: the field, and what is said about it. */
        Fault: components["schemas"]["Said"] & {
            /** @description Path of the field in the input, for instance `payments[0].payee_account`. */
            field: string;
        };
        /** @description Something found. */
        Finding: {
            /** @description Where it stands. */
            span: components["schemas"]["Span"];
            /** @description As written. */
            text: string;
            /** @description Canonical value. */
            value: string;
        };
        /** @enum {string} */
        FollowAct: "lift" | "extend" | "freeze" | "renew" | "query" | "query_holder" | "query_accounts" | "watch" | "end_watch";
        /** @description A further order about the account of an earlier one. */
        FollowInput: {
            act: components["schemas"]["FollowAct"];
            amount?: components["schemas"]["Money"] | null;
            approval_level?: components["schemas"]["ApprovalLevel"] | null;
            include_interest?: boolean;
            period?: components["schemas"]["Period"] | null;
            reason?: string;
            until?: components["schemas"]["Timestamp"] | null;
            /** @description A freeze of the whole account. */
            whole_account?: boolean;
        };
        /** @description Everything found in a narrative, each list in the order of the text. */
        Found: {
            /** @description Account numbers. */
            accounts: components["schemas"]["AccountFinding"][];
            /** @description Amounts. */
            amounts: components["schemas"]["AmountFinding"][];
            /** @description Banks among the partners. */
            banks: components["schemas"]["BankFinding"][];
            /** @description Chat accounts. */
            chats: components["schemas"]["ChatFinding"][];
            /** @description Citizen identity numbers. */
            citizen_ids: components["schemas"]["Finding"][];
            /** @description Amounts of virtual currency, as `3000 USDT`; no payment is made of them. */
            coins: components["schemas"]["Finding"][];
            /** @description Names of people and of account holders. */
            names: components["schemas"]["NameFinding"][];
            /** @description Payments that the findings make up. */
            payments: components["schemas"]["SuggestedPayment"][];
            /** @description Telephone numbers. */
            phones: components["schemas"]["Finding"][];
            /** @description References of transactions. */
            references: components["schemas"]["Finding"][];
            /** @description Times. */
            times: components["schemas"]["TimeFinding"][];
            /** @description Web addresses. */
            urls: components["schemas"]["Finding"][];
            /** @description Addresses of wallets of virtual currency. */
            wallets: components["schemas"]["Finding"][];
        };
        /** @description A transfer on which an order rests, with personal data masked. */
        GroundView: {
            amount: components["schemas"]["Money"];
            at: components["schemas"]["Timestamp"];
            /** @description Masked. */
            from_account?: string | null;
            from_bank?: string | null;
            reference?: string | null;
            /** @description The victim's part of it. */
            tainted: components["schemas"]["Money"];
        };
        /** @enum {string} */
        HoldKind: "stop" | "freeze";
        HolderView: {
            branch?: string | null;
            id_number: string;
            name: string;
            opened_at: components["schemas"]["Timestamp"];
            phones: string[];
        };
        /** @description Form of an upload. */
        ImportForm: {
            /**
             * Format: binary
             * @description CSV (UTF-8, UTF-16 or GB18030) or XLSX.
             */
            file: string;
            /** @description Where the file comes from; its mapping is kept under this name. */
            source: string;
        };
        /** Format: uuid */
        ImportId: string;
        /** @description What an import led to. */
        ImportReport: {
            /** @description Name of the file. */
            file_name: string;
            finished_at?: components["schemas"]["Timestamp"] | null;
            /** @description Identity. */
            id: components["schemas"]["ImportId"];
            /** @description The refused rows, in order. */
            refused: components["schemas"]["RefusedRow"][];
            /** @description Rows that were passed over, or taken with a remark, in order. */
            remarks: components["schemas"]["RefusedRow"][];
            /**
             * Format: int64
             * @description Reports that were joined to others of the same payment.
             */
            reports_joined: number;
            /**
             * Format: int64
             * @description Reports that an earlier import of the source had brought.
             */
            reports_known: number;
            /**
             * Format: int64
             * @description Reports that are new.
             */
            reports_new: number;
            /**
             * Format: int64
             * @description Rows that are no payment of the victim, such as money that came in.
             */
            rows_passed_over: number;
            /**
             * Format: int64
             * @description Rows that were refused.
             */
            rows_refused: number;
            /**
             * Format: int64
             * @description Rows with data.
             */
            rows_total: number;
            /** @description SHA-256 of the file; the file is kept under it. */
            sha256: string;
            /** @description Where the file came from. */
            source: string;
            /** @description When it began. */
            started_at: components["schemas"]["Timestamp"];
            /** @description `running`, `done`, or `failed` where it could not go on after a restart; row 0 of the refused rows says why. */
            state: string;
        };
        /**
         * @description Where a job stands.
         * @enum {string}
         */
        ImportState: "running" | "done" | "cancelled" | "failed";
        /** @enum {string} */
        InputState: "draft" | "submitted";
        /** @description The report that another was joined to. */
        JoinedOutput: {
            /** @description Identity. */
            id: components["schemas"]["ReportId"];
            /** @description Short number. */
            number: string;
        };
        /** @description A mapping as kept. */
        KeptMapping: {
            /** @description When it was last changed. */
            changed_at: components["schemas"]["Timestamp"];
            /** @description Who changed it. */
            changed_by: string;
            /** @description The mapping. */
            mapping: components["schemas"]["Mapping"];
            /** @description The source. */
            source: string;
            /**
             * Format: int64
             * @description Counts changes.
             */
            version: number;
        };
        /**
         * @description What may be done with an order now.
         * @enum {string}
         */
        LineAct: "approve" | "refuse" | "withdraw" | "lift" | "query_contacts" | "warn_contacts";
        /** @enum {string} */
        LineAnswerCode: "done" | "done_in_part" | "no_such_line" | "not_our_line" | "no_call_in_progress" | "emergency_call_not_cut" | "protected_number" | "nothing_to_lift" | "already_in_force" | "order_incomplete" | "order_already_handled" | "function_not_offered" | "internal_failure" | "other";
        /** @description An operator's answer. Numbers are masked. */
        LineAnswerView: {
            at?: components["schemas"]["Timestamp"] | null;
            code: components["schemas"]["LineAnswerCode"];
            cuts: components["schemas"]["CutView"][];
            faults: components["schemas"]["Fault"][];
            messages?: components["schemas"]["WarningsSent"] | null;
            /** @description Whether there are more contacts than were sent. */
            more: boolean;
            records_from?: components["schemas"]["Timestamp"] | null;
            until?: components["schemas"]["Timestamp"] | null;
            words: components["schemas"]["Said"];
        };
        /** @description Somebody who was in touch with the line. */
        LineContactView: {
            /** Format: int64 */
            answered?: number | null;
            channel: components["schemas"]["ContactChannel"];
            /** Format: int64 */
            count: number;
            direction: components["schemas"]["Direction"];
            /** Format: int64 */
            duration_seconds?: number | null;
            first: components["schemas"]["Timestamp"];
            last: components["schemas"]["Timestamp"];
            /** @description Masked. */
            number: string;
            /**
             * Format: int64
             * @description Place in the answer; reveal it as `contacts[position]` of `line:<id>`.
             */
            position: number;
        };
        /**
         * @description What follows an answered query of contacts.
         * @enum {string}
         */
        LineFollowAct: "query_contacts" | "warn_contacts";
        /** @description An order that follows an earlier one about the same number. */
        LineFollowInput: {
            act: components["schemas"]["LineFollowAct"];
            period?: components["schemas"]["Period"] | null;
            reason: string;
            /** @description Text of the warning message; absent: the operator's own. */
            warning_text?: string | null;
            /** @description The same in English; numbers of other countries are sent both. */
            warning_text_en?: string | null;
        };
        /** @description Everything about one order about a line. Numbers are masked. */
        LineOrderDetail: components["schemas"]["LineOrderRow"] & {
            /** @description What may be done now by who asks. */
            acts: components["schemas"]["LineAct"][];
            answer?: components["schemas"]["LineAnswerView"] | null;
            checker?: string | null;
            decided_at?: components["schemas"]["Timestamp"] | null;
            decision_reason?: string | null;
            delivered_at?: components["schemas"]["Timestamp"] | null;
            include_foreign: boolean;
            label?: string | null;
            message_id?: string | null;
            /** @description The orders of the same request to other operators. */
            others: components["schemas"]["LineOrderRow"][];
            period?: components["schemas"]["Period"] | null;
            reason: string;
            /** @description The same in English, where the seat wrote it and no person. */
            reason_en?: string | null;
            refers_to?: components["schemas"]["OrderId"] | null;
            rule?: components["schemas"]["RuleId"] | null;
            /** @description Header of the sealed text, decoded. */
            sealed_header?: Record<string, unknown> | null;
            /** @description Payload of the sealed text, decoded, with numbers masked. */
            sealed_payload?: Record<string, unknown> | null;
            /** @description SHA-256 of the sealed text. */
            sealed_sha256?: string | null;
            warning_text?: string | null;
            warning_text_en?: string | null;
        };
        /** @description A request about a line: one order is made for each operator asked. */
        LineOrderInput: {
            /** @description The case: identity of the report. */
            case_id: components["schemas"]["ReportId"];
            /** @description The other end, where only it is meant. */
            counterpart?: string | null;
            counterpart_of?: components["schemas"]["NumberOf"] | null;
            /**
             * Format: int64
             * @description Instead of `until`: how long from now, hours.
             */
            hours?: number | null;
            /** @description With `hold_flagged_calls`: calls from abroad too. */
            include_foreign?: boolean;
            kind: components["schemas"]["LineOrderKind"];
            /**
             * @description What the called person sees, with `label_next_call`: at most 40 characters, no link, no number; absent: the
             *     operator's own words.
             */
            label?: string | null;
            /** @description The line; for `query_contacts` and `warn_contacts` the number found to be involved. */
            line?: string | null;
            line_of?: components["schemas"]["NumberOf"] | null;
            /** @description The operators asked; none means all, for a line's operator is not known from its number. */
            partners?: components["schemas"]["PartnerId"][];
            period?: components["schemas"]["Period"] | null;
            reason: string;
            until?: components["schemas"]["Timestamp"] | null;
            /** @description Text of the warning message; absent: the operator's own. */
            warning_text?: string | null;
            /** @description The same in English; numbers of other countries are sent both. */
            warning_text_en?: string | null;
        };
        /** @enum {string} */
        LineOrderKind: "cut_call" | "hold_flagged_calls" | "protect_line" | "suspend_line" | "lift" | "query_contacts" | "warn_contacts" | "label_next_call";
        /** @description What became of one order. */
        LineOrderMade: {
            acts: components["schemas"]["LineAct"][];
            id: components["schemas"]["OrderId"];
            number: string;
            partner: components["schemas"]["PartnerId"];
            partner_name: string;
            state: components["schemas"]["LineOrderState"];
        };
        /** @description An order about a line in a list. Numbers are masked. */
        LineOrderRow: {
            answer_code?: components["schemas"]["LineAnswerCode"] | null;
            answer_due?: components["schemas"]["Timestamp"] | null;
            answered_at?: components["schemas"]["Timestamp"] | null;
            case_id: components["schemas"]["ReportId"];
            case_number: string;
            /**
             * Format: int64
             * @description How many contacts the answer has.
             */
            contacts: number;
            /** @description Masked. */
            counterpart?: string | null;
            ended_at?: components["schemas"]["Timestamp"] | null;
            ends_at?: components["schemas"]["Timestamp"] | null;
            /** Format: int64 */
            escalation: number;
            id: components["schemas"]["OrderId"];
            kind: components["schemas"]["LineOrderKind"];
            /** @description Masked. */
            line: string;
            made_at: components["schemas"]["Timestamp"];
            maker: string;
            number: string;
            partner: components["schemas"]["PartnerId"];
            partner_name: string;
            region: string;
            /** @description Orders with the same one are decided together. */
            request_id: components["schemas"]["OrderId"];
            sent_at?: components["schemas"]["Timestamp"] | null;
            state: components["schemas"]["LineOrderState"];
            until?: components["schemas"]["Timestamp"] | null;
        };
        /**
         * @description Where an order stands.
         * @enum {string}
         */
        LineOrderState: "review" | "refused" | "cancelled" | "sent" | "in_effect" | "done" | "elsewhere" | "rejected" | "expired" | "ended" | "lifted";
        /** @description What became of a request. */
        LineOrdersMade: {
            /** @description The first order; it names the request. */
            id: components["schemas"]["OrderId"];
            orders: components["schemas"]["LineOrderMade"][];
        };
        /** @description Parameters of the lines desk; one table `[lines]` in the centre's configuration. */
        LineParameters: {
            /**
             * Format: int64
             * @description How long any other order is tried, hours.
             * @default 24
             */
            answer_hours_max: number;
            /**
             * Format: int64
             * @description How long an order to cut a call is tried, minutes: later the call is over.
             * @default 15
             */
            cut_minutes_max: number;
            /**
             * Format: int64
             * @description Period of a query made from a report unless said otherwise, days.
             * @default 7
             */
            period_days: number;
            /**
             * Format: int64
             * @description Longest period of a query of contacts, days.
             * @default 180
             */
            period_days_max: number;
            /**
             * Format: int64
             * @description Longest protection of a line, days.
             * @default 30
             */
            protect_days_max: number;
            /**
             * @description The ground named on queries.
             * @default 反电信网络诈骗法 第二十六条
             */
            query_basis: string;
            /**
             * @description The ground named on suspensions.
             * @default 反电信网络诈骗法 第十一条
             */
            suspend_basis: string;
            /**
             * Format: int64
             * @description Within how many minutes an operator should answer an urgent order, whatever was agreed for others.
             * @default 2
             */
            urgent_answer_minutes: number;
            /**
             * @description The ground named on urgent measures: warnings and dissuasion.
             * @default 反电信网络诈骗法 第三十四条
             */
            urgent_basis: string;
            /**
             * Format: int64
             * @description Longest hold of flagged calls and longest label, hours.
             * @default 72
             */
            urgent_hours_max: number;
            /**
             * @description Whether a number that is blocked in a case leads to a warning of those who were in touch with it, without an
             *     officer asking for it.
             * @default true
             */
            warn_automatically: boolean;
        };
        LineReasonInput: {
            reason?: string;
        };
        /** @enum {string} */
        ListAction: "block" | "watch" | "allow" | "protect";
        /** Format: uuid */
        ListEntryId: string;
        /** @description A row of the list of reports; masked. */
        Listed: {
            /** @description Sum of the payments. */
            amount: components["schemas"]["Money"];
            /** @description How it came in; empty where not said yet. */
            channel: string;
            /** @description When it was begun. */
            created_at: components["schemas"]["Timestamp"];
            /** @description Who began it. */
            created_by: string;
            /** @description Identity. */
            id: components["schemas"]["ReportId"];
            joined_to?: components["schemas"]["ReportId"] | null;
            /** @description Short number. */
            number: string;
            /**
             * Format: int64
             * @description How many payments.
             */
            payments: number;
            /** @description Region code; empty where not said yet. */
            region: string;
            /** @description Scam type code; empty where not said yet. */
            scam_type: string;
            /** @description Where it stands. */
            state: components["schemas"]["ReportState"];
            submitted_at?: components["schemas"]["Timestamp"] | null;
            /** @description Name of the victim, masked. */
            victim_name: string;
            /** @description Telephone of the victim, masked. */
            victim_phone: string;
        };
        LoginInput: {
            login?: string;
            password?: string;
            /** @description The code of the authenticator, where one is enrolled. */
            totp?: string | null;
        };
        /** @description The mapping of a source. */
        Mapping: {
            /** @description What the columns hold. */
            columns: components["schemas"]["ColumnMapping"][];
            /** @description Values of fields that no column holds, or that are empty in a row. */
            defaults?: components["schemas"]["DefaultValue"][];
            /** @description Row of the column names, from 1; where absent, or where they stand elsewhere, they are looked for. */
            header_row?: number | null;
            /** @description Sheet of a workbook; absent means the first. */
            sheet?: string | null;
        };
        /** @description An amount in minor units (fen, cents) with its currency. */
        Money: {
            /** @description The currency. */
            currency: components["schemas"]["Currency"];
            /**
             * Format: int64
             * @description Count of minor units; 3000000 is 30,000.00 yuan.
             */
            minor: number;
        };
        /** @description What a chase was allowed. */
        MoreAllowed: {
            /**
             * Format: int64
             * @description Orders beyond those allowed before.
             */
            count: number;
        };
        MovementView: {
            amount: components["schemas"]["Money"];
            at: components["schemas"]["Timestamp"];
            balance_after: components["schemas"]["Money"];
            channel: components["schemas"]["Channel"];
            counterparty_account?: string | null;
            counterparty_bank?: string | null;
            counterparty_name?: string | null;
            direction: components["schemas"]["Direction"];
            id: string;
            memo: string;
            reference: string;
        };
        /** @description A name found, and whose it seems to be. */
        NameFinding: {
            /** @description Whose it seems to be. */
            side: components["schemas"]["Side"];
            /** @description Where it stands. */
            span: components["schemas"]["Span"];
            /** @description As written. */
            text: string;
            /** @description The name. */
            value: string;
        };
        NarrativeInput: {
            /** @description The moment from which 昨天 and 半小时前 count; now unless given. */
            reference_time?: string | null;
            /** @description The narrative, or a pasted bank table. */
            text: string;
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
        /**
         * @description What may be done with an entry now.
         * @enum {string}
         */
        NumberAct: "confirm" | "approve" | "refuse" | "remove";
        /** @description An appeal that an operator granted. The number is masked. */
        NumberAppeal: {
            entry_id?: components["schemas"]["ListEntryId"] | null;
            granted_at: components["schemas"]["Timestamp"];
            granted_by: string;
            id: components["schemas"]["AppealId"];
            /** @description Masked. */
            number: string;
            partner: components["schemas"]["PartnerId"];
            partner_name: string;
            /** @description Masked where it is one number. */
            pattern: string;
            reason: string;
            received_at: components["schemas"]["Timestamp"];
        };
        /** @description One entry, and every entry that there was for the same numbers. */
        NumberEntryDetail: components["schemas"]["NumberEntryRow"] & {
            /** @description The one in force first, then the newest. */
            history: components["schemas"]["NumberEntryRow"][];
        };
        /** @description An entry to be put on the list. */
        NumberEntryInput: {
            action: components["schemas"]["ListAction"];
            case_id?: components["schemas"]["ReportId"] | null;
            /**
             * Format: int64
             * @description Instead of `expires_at`: how long from now, days.
             */
            days?: number | null;
            expires_at?: components["schemas"]["Timestamp"] | null;
            /** @description What the called person sees, with `watch`. */
            label?: string | null;
            /** @description A number, a prefix with `*` at its end, or two numbers of one length with a dash. */
            pattern: string;
            /** @description A blocked caller is told it. */
            reason: string;
            source?: string | null;
        };
        /** @description An entry of the number list. One number is masked; prefixes and ranges are not. */
        NumberEntryRow: {
            action: components["schemas"]["ListAction"];
            /** @description What may be done now by who asks. */
            acts: components["schemas"]["NumberAct"][];
            case_id?: components["schemas"]["ReportId"] | null;
            case_number?: string | null;
            /** @description Who confirmed, approved or refused it. */
            checker?: string | null;
            decided_at?: components["schemas"]["Timestamp"] | null;
            decision_reason?: string | null;
            end_reason?: string | null;
            ended_at?: components["schemas"]["Timestamp"] | null;
            ended_by?: string | null;
            expires_at?: components["schemas"]["Timestamp"] | null;
            id: components["schemas"]["ListEntryId"];
            kind: components["schemas"]["PatternKind"];
            label?: string | null;
            made_at: components["schemas"]["Timestamp"];
            maker: string;
            /** @description Masked where it is one number; reveal it as `pattern` of `number:<id>`. */
            pattern: string;
            reason: string;
            /** @description The same in English, where the seat wrote it and no person. */
            reason_en?: string | null;
            /** @description Region of the case, or of the office that made it, six digits; empty where that office sees every region. */
            region: string;
            source: string;
            /** @description The same in English, where the seat wrote it and no person. */
            source_en?: string | null;
            state: components["schemas"]["NumberEntryState"];
        };
        /**
         * @description Where an entry stands.
         * @enum {string}
         */
        NumberEntryState: "proposed" | "review" | "refused" | "active" | "replaced" | "removed" | "expired" | "lifted";
        /** @description What became of a file, until now while it runs. */
        NumberImport: {
            /**
             * Format: int64
             * @description On the list now.
             */
            active: number;
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
             * @description On the list already.
             */
            known: number;
            /**
             * Format: int64
             * @description Rows with faults.
             */
            refused: number;
            /** @description The first of them. */
            refused_rows: components["schemas"]["NumberRefusedRow"][];
            /**
             * Format: int64
             * @description Prefixes and ranges that wait for a second person.
             */
            review: number;
            /**
             * Format: int64
             * @description Rows read.
             */
            rows: number;
            /** @description `running`, `done`, `cancelled`, or `failed` where the file could not be read to its end. */
            state: components["schemas"]["ImportState"];
        };
        /** @description A file that is sent. */
        NumberImportForm: {
            /**
             * Format: binary
             * @description CSV (UTF-8, UTF-16 or GB18030) or XLSX.
             */
            file: string;
        };
        /** @description A number of the report. */
        NumberOf: "victim" | {
            /**
             * Format: int64
             * @description A contact of the scammer, by its place in the report.
             */
            contact: number;
        };
        /** @description Parameters of the number list; one table `[numbers]` in the centre's configuration. */
        NumberParameters: {
            /**
             * Format: int64
             * @description Changed entries up to which an operator that was away gets changes; above, it gets the whole list as a file.
             * @default 50000
             */
            changes_max: number;
            /**
             * Format: int64
             * @description How long the file of a whole list may be fetched, hours.
             * @default 24
             */
            file_hours: number;
            /**
             * @description Shortest prefix of numbers of other countries, digits.
             * @default 2
             */
            foreign_prefix_digits_min: number;
            /**
             * @description Shortest prefix of mainland numbers, digits with the country code: 7 is a block of a million mobile numbers.
             * @default 7
             */
            prefix_digits_min: number;
            /**
             * Format: int64
             * @description Longest range, numbers.
             * @default 1000000
             */
            range_numbers_max: number;
            /**
             * Format: int64
             * @description How long an entry stands that a report led to, days.
             * @default 90
             */
            report_entry_days: number;
        };
        NumberReasonInput: {
            reason?: string;
        };
        /** @description A row that was not taken. */
        NumberRefusedRow: {
            /** @description What is wrong. */
            faults: components["schemas"]["Fault"][];
            /**
             * Format: int64
             * @description As the file counts, the first line being 1.
             */
            row: number;
        };
        /** @description What is known of one number: the list, orders, hits and reports that name it. What one may not see is empty. */
        NumberStory: {
            /** @description Entries of the list that cover it, its own history included. */
            entries: components["schemas"]["NumberEntryRow"][];
            /** @description Hits in which it called, sent, or was called. */
            hits: components["schemas"]["SignalHitRow"][];
            /** @description Masked. */
            number: string;
            /** @description Orders about it, or with it at the other end. */
            orders: components["schemas"]["LineOrderRow"][];
            /** @description Reports that name it as a contact of the scammer. */
            reports: components["schemas"]["StoryReport"][];
        };
        /** @description What one operator has of the list. */
        OperatorList: {
            at?: components["schemas"]["Timestamp"] | null;
            /**
             * Format: int64
             * @description The last change that it said to have; none where it said nothing yet.
             */
            have?: number | null;
            /** @description Its name. */
            name: string;
            /** @description The operator. */
            partner: components["schemas"]["PartnerId"];
            /**
             * Format: int64
             * @description Changes sent to it that it has not taken yet.
             */
            under_way: number;
        };
        /** @description What one operator sent. */
        OperatorSignals: {
            /**
             * Format: int64
             * @description Hits of these hours that it could not keep.
             */
            hits_lost: number;
            /**
             * Format: int64
             * @description The list that it uses.
             */
            list_number?: number | null;
            name: string;
            partner: components["schemas"]["PartnerId"];
            received_at?: components["schemas"]["Timestamp"] | null;
            /**
             * Format: int64
             * @description Events seen in these hours.
             */
            seen: number;
            /**
             * Format: int64
             * @description Of them refused, dropped, diverted to an announcement or challenged.
             */
            stopped: number;
            up_to?: components["schemas"]["Timestamp"] | null;
        };
        /** @description Everything about one order. Personal data is masked. */
        OrderDetail: components["schemas"]["OrderRow"] & {
            /** @description What may be done now by who asks. */
            acts: components["schemas"]["Act"][];
            answer?: components["schemas"]["AnswerView"] | null;
            approval_level?: components["schemas"]["ApprovalLevel"] | null;
            check_reference?: string | null;
            checker?: string | null;
            decided_at?: components["schemas"]["Timestamp"] | null;
            decision_reason?: string | null;
            delivered_at?: components["schemas"]["Timestamp"] | null;
            /** @description What of the bank's word cannot be and is not believed; a person has to look at it. */
            doubts: components["schemas"]["Fault"][];
            /** @description Every transfer into the account on which the order rests; the bank checks one of them. */
            grounds: components["schemas"]["GroundView"][];
            include_interest: boolean;
            message_id?: string | null;
            news?: components["schemas"]["Said"] | null;
            papers: components["schemas"]["AttachedPaper"][];
            period?: components["schemas"]["Period"] | null;
            reason: string;
            /** @description The same in English, where the seat wrote it and no person. */
            reason_en?: string | null;
            refers_to?: components["schemas"]["OrderId"] | null;
            rule?: components["schemas"]["RuleId"] | null;
            /** @description Header of the sealed text, decoded. */
            sealed_header?: Record<string, unknown> | null;
            /** @description Payload of the sealed text, decoded, with account and name masked. */
            sealed_payload?: Record<string, unknown> | null;
            /** @description SHA-256 of the sealed text. */
            sealed_sha256?: string | null;
            until?: components["schemas"]["Timestamp"] | null;
        };
        /** Format: uuid */
        OrderId: string;
        /** @description An order made by hand in a case. */
        OrderInput: {
            account: string;
            /** @description The holder; needed for a stop. */
            account_name?: string | null;
            amount?: components["schemas"]["Money"] | null;
            approval_level?: components["schemas"]["ApprovalLevel"] | null;
            /** @description The case: identity of the report. */
            case_id: components["schemas"]["ReportId"];
            check?: components["schemas"]["CheckInput"] | null;
            include_interest?: boolean;
            kind: components["schemas"]["OrderKind"];
            /** Format: int32 */
            level?: number | null;
            partner: components["schemas"]["PartnerId"];
            period?: components["schemas"]["Period"] | null;
            reason: string;
            refers_to?: components["schemas"]["OrderId"] | null;
            until?: components["schemas"]["Timestamp"] | null;
        };
        /** @enum {string} */
        OrderKind: "stop" | "lift_stop" | "extend_stop" | "freeze" | "lift_freeze" | "renew_freeze" | "query_transactions" | "query_holder" | "query_accounts" | "watch" | "end_watch";
        /** @description What became of an order. */
        OrderMade: {
            acts: components["schemas"]["Act"][];
            id: components["schemas"]["OrderId"];
            number: string;
            state: components["schemas"]["State"];
        };
        OrderMoreInput: {
            /**
             * Format: int64
             * @description How many more; as many as a chase issues by itself unless given.
             * @default null
             */
            count: number | null;
            /**
             * @description Why.
             * @default
             */
            reason: string;
        };
        /** @description An order in a list. Personal data is masked. */
        OrderRow: {
            /** @description Masked account number. */
            account: string;
            /** @description Masked holder. */
            account_name?: string | null;
            amount?: components["schemas"]["Money"] | null;
            answer_code?: components["schemas"]["AnswerCode"] | null;
            answer_due?: components["schemas"]["Timestamp"] | null;
            answered_at?: components["schemas"]["Timestamp"] | null;
            case_id: components["schemas"]["ReportId"];
            case_number: string;
            check_amount?: components["schemas"]["Money"] | null;
            check_at?: components["schemas"]["Timestamp"] | null;
            ended_at?: components["schemas"]["Timestamp"] | null;
            /** Format: int64 */
            escalation: number;
            held?: components["schemas"]["Money"] | null;
            hold_until?: components["schemas"]["Timestamp"] | null;
            id: components["schemas"]["OrderId"];
            kind: components["schemas"]["OrderKind"];
            /** Format: int32 */
            level: number;
            made_at: components["schemas"]["Timestamp"];
            maker: string;
            number: string;
            partner: components["schemas"]["PartnerId"];
            partner_name: string;
            region: string;
            reported_at: components["schemas"]["Timestamp"];
            /** @description By when a checker should decide about it. */
            review_due: components["schemas"]["Timestamp"];
            sent_at?: components["schemas"]["Timestamp"] | null;
            state: components["schemas"]["State"];
            urgency?: components["schemas"]["Urgency"] | null;
        };
        /** @description Another report that may speak of the same payment. */
        Pair: {
            /** @description How sure the machine was that both speak of one payment. */
            certainty: components["schemas"]["Certainty"];
            decided_at?: components["schemas"]["Timestamp"] | null;
            /** @description Who decided. */
            decided_by?: string | null;
            /** @description Its number. */
            number: string;
            /** @description Why. */
            reason?: string | null;
            /** @description The other report. */
            report_id: components["schemas"]["ReportId"];
            /** @description Its state. */
            state: components["schemas"]["ReportState"];
            verdict?: components["schemas"]["Verdict"] | null;
        };
        /** @description What a person decides about two reports. */
        PairInput: {
            /** @description Why; stands in the journal, so it names nobody. */
            reason: string;
            /** @description One payment, or two. */
            verdict: components["schemas"]["Verdict"];
        };
        /** @description Parameters of the stop desk and of the chase; one table `[stop]` in the centre's configuration. */
        Parameters: {
            /**
             * Format: int64
             * @description How long an order is tried before it counts as unanswered, hours.
             * @default 24
             */
            answer_hours_max: number;
            /**
             * Format: int64
             * @description Smallest tainted amount for which the chase goes on to the next account, minor units.
             * @default 1
             */
            chase_amount_minor_min: number;
            /**
             * Format: int32
             * @description Levels that a chase follows at most.
             * @default 12
             */
            chase_levels_max: number;
            /**
             * Format: int64
             * @description Orders that one chase issues by itself before a person is asked whether it goes on; the largest amounts first.
             * @default 500
             */
            chase_orders_before_asking: number;
            /**
             * Format: int64
             * @description Orders that one chase issues at most.
             * @default 20000
             */
            chase_orders_max: number;
            /**
             * Format: int64
             * @description From the report to the first order on its way, minutes (practice, 2016: 30).
             * @default 30
             */
            first_stop_minutes: number;
            /**
             * @description The ground named on freezes.
             * @default 公安机关办理刑事案件程序规定 第二百三十九条
             */
            freeze_basis: string;
            /**
             * Format: int64
             * @description How long a freeze of deposits lasts unless the order says otherwise, days (程序规定 art. 243: 6 months).
             * @default 182
             */
            freeze_days: number;
            /**
             * @description The ground named on queries.
             * @default 反电信网络诈骗法 第二十条
             */
            query_basis: string;
            /**
             * Format: int64
             * @description How long before the first tainted transfer a query of transactions begins, minutes.
             * @default 10
             */
            query_before_minutes: number;
            /**
             * Format: int64
             * @description How long a checker has for an order once it is made, minutes. A stop or a query made early in a case has until
             *     `first_stop_minutes` where that is later.
             * @default 15
             */
            review_minutes: number;
            /**
             * @description The ground named on stops.
             * @default 银发〔2016〕86号
             */
            stop_basis: string;
            /**
             * Format: int64
             * @description How long a stop lasts, hours (银发〔2016〕86号: 48). The bank's answer is what counts; this is shown before it.
             * @default 48
             */
            stop_hours: number;
            /**
             * Format: int64
             * @description How often one account may be stopped in one case (银发〔2016〕86号: two at most).
             * @default 2
             */
            stops_max: number;
            /**
             * @description The unit named on orders.
             * @default 示范省反电信网络诈骗中心
             */
            unit: string;
            /**
             * @description When the desk is warned before a hold ends, minutes: first and last warning.
             * @default [
             *       360,
             *       60
             *     ]
             */
            warnings_minutes: number[];
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
        /**
         * @description How many numbers a pattern means.
         * @enum {string}
         */
        PatternKind: "full" | "prefix" | "range";
        /** @description A payment of the victim. */
        PaymentRow: {
            amount: components["schemas"]["Money"];
            at: components["schemas"]["Timestamp"];
            to: string;
        };
        /** @description From (inclusive) to (exclusive). */
        Period: {
            /** @description Inclusive. */
            from: components["schemas"]["Timestamp"];
            /** @description Exclusive. */
            to: components["schemas"]["Timestamp"];
        };
        /** @description Where the payment belongs. */
        PlaceInput: {
            /**
             * @description The holder, where the report names none.
             * @default null
             */
            account_name: string | null;
            /** @default null */
            partner: components["schemas"]["PartnerId"] | null;
            /**
             * @description Why; goes onto an order.
             * @default
             */
            reason: string;
        };
        /** @description What became of the payment. */
        PlacedOutput: {
            /** @description The chase of the case follows it from here. */
            followed: boolean;
            order?: components["schemas"]["OrderId"] | null;
        };
        /**
         * @description How exact a time is.
         * @enum {string}
         */
        Precision: "day" | "minute" | "second";
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
        /** @description What a member of the public is told. */
        PublicOutput: components["schemas"]["Said"] & {
            /** @description Number to ask by. */
            number: string;
        };
        /** @description The list as it is published, and what each operator has of it. */
        PublishedList: {
            changed_at?: components["schemas"]["Timestamp"] | null;
            /**
             * Format: int64
             * @description Entries on the list.
             */
            entries: number;
            /**
             * Format: int64
             * @description Number of the last change.
             */
            number: number;
            /** @description The operators of the directory. */
            operators: components["schemas"]["OperatorList"][];
            /**
             * Format: int64
             * @description Entries that reports led to and that wait for an officer.
             */
            proposed: number;
            /**
             * Format: int64
             * @description Prefixes and ranges that wait for a second person.
             */
            review: number;
        };
        ReasonInput: {
            reason?: string;
        };
        /** @description A row that was refused. */
        RefusedRow: {
            /** @description Why. */
            faults: components["schemas"]["RowFault"][];
            /**
             * Format: int64
             * @description As the file counts, from 1.
             */
            row: number;
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
        /** Format: uuid */
        ReportId: string;
        /** @description A report as sent: the fields of a draft, and what to do with it. */
        ReportInput: {
            channel?: string | null;
            contacts?: components["schemas"]["DraftContact"][] | null;
            narrative?: string | null;
            occurred_at?: string | null;
            payments?: components["schemas"]["DraftPayment"][] | null;
            region?: string | null;
            scam_type?: string | null;
            state?: components["schemas"]["InputState"] | null;
            /**
             * Format: int64
             * @description The version that a change saw.
             */
            version?: number | null;
            victim?: components["schemas"]["DraftVictim"] | null;
        };
        /** @description A report as shown. Personal data is masked, but in a draft that the reader began himself. */
        ReportOutput: components["schemas"]["Draft"] & {
            /** @description What may be done now. */
            allowed: string[];
            /** @description When it was last changed. */
            changed_at: components["schemas"]["Timestamp"];
            /** @description When it was begun. */
            created_at: components["schemas"]["Timestamp"];
            /** @description Who began it. */
            created_by: string;
            /** @description Other reports that may speak of the same payment, and what a person decided about each. */
            duplicates: components["schemas"]["Pair"][];
            /** @description What a submit would refuse now; of a draft. */
            faults: components["schemas"]["Fault"][];
            /** @description Identity. */
            id: components["schemas"]["ReportId"];
            joined_to?: components["schemas"]["JoinedOutput"] | null;
            /** @description Whether personal data is masked; masked fields that come back unchanged keep their values. */
            masked: boolean;
            /** @description Short number. */
            number: string;
            /**
             * Format: int64
             * @description Payments that the other report did not have and has now; after a submit.
             */
            payments_added?: number | null;
            /**
             * Format: int64
             * @description Payments that came after the case was closed and wait for a person, see `/payments-waiting`; when one report is
             *     asked for.
             */
            payments_waiting?: number | null;
            /** @description Where it stands. */
            state: components["schemas"]["ReportState"];
            submitted_at?: components["schemas"]["Timestamp"] | null;
            /**
             * Format: int64
             * @description Counts changes; send it back with a change.
             */
            version: number;
            /** @description Worth a second look; never a reason to refuse. */
            warnings: components["schemas"]["Fault"][];
        };
        /**
         * @description Where a report stands.
         * @enum {string}
         */
        ReportState: "draft" | "submitted" | "joined" | "closed";
        /** @description A telephone number that a report names as a contact. It is masked. */
        ReportTelephone: {
            /** @description Entries of the number list for it, the newest first. */
            entries: components["schemas"]["NumberEntryRow"][];
            /** @description Masked. */
            number: string;
            /** @description Orders about it. */
            orders: components["schemas"]["LineOrderRow"][];
            /**
             * Format: int64
             * @description Place among the contacts of the report.
             */
            position: number;
        };
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
        /** @description A fault of a row. */
        RowFault: components["schemas"]["Fault"] & {
            /** @description Name of the column; empty where no column holds the field. */
            column: string;
        };
        /** Format: uuid */
        RuleId: string;
        /** @description A standing rule that is put up for approval. */
        RuleInput: {
            amount_max?: components["schemas"]["Money"];
            expires_at: components["schemas"]["Timestamp"];
            /** @description Orders to banks that it approves; with them, `level_max` and `amount_max`. */
            kinds?: components["schemas"]["OrderKind"][];
            /** Format: int32 */
            level_max?: number;
            /** Format: int64 */
            line_hours_max?: number;
            /** @description Orders about lines that it approves; with those that last, `line_hours_max`. */
            line_kinds?: components["schemas"]["LineOrderKind"][];
            name: string;
            /** @description Leading digits of regions, within the region of its author; absent means all of that region. */
            region_prefix?: string | null;
            /** Format: int64 */
            report_age_hours_max: number;
            valid_from?: components["schemas"]["Timestamp"] | null;
        };
        /** @description A standing rule. */
        RuleRow: {
            amount_max?: components["schemas"]["Money"] | null;
            approved_by?: string | null;
            author: string;
            ended_at?: components["schemas"]["Timestamp"] | null;
            expires_at: components["schemas"]["Timestamp"];
            id: components["schemas"]["RuleId"];
            in_force: boolean;
            kinds: components["schemas"]["OrderKind"][];
            /**
             * Format: int32
             * @description Deepest level; absent where it approves no orders to banks.
             */
            level_max?: number | null;
            /**
             * Format: int64
             * @description Longest measure on a line, hours.
             */
            line_hours_max: number;
            /** @description Orders about lines that it approves. */
            line_kinds: components["schemas"]["LineOrderKind"][];
            /** @description Whether who asks may approve it. */
            may_approve: boolean;
            /** @description Whether who asks may end it. */
            may_end: boolean;
            name: string;
            region_prefix: string;
            /** Format: int64 */
            report_age_hours_max: number;
            valid_from: components["schemas"]["Timestamp"];
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
        /** @description A scam type. */
        ScamTypeOutput: {
            /** @description How it works. */
            about: components["schemas"]["Text2"];
            code: string;
            name: components["schemas"]["Text2"];
            /** @description What to remember. */
            reminder: components["schemas"]["Text2"];
        };
        /** @description Something found. Personal data is masked. */
        SearchHit: {
            /** @description To tell it from others. */
            hint?: string | null;
            /** @description Its number. */
            number: string;
            /** @description For instance `order:0192…`. */
            subject: string;
            /** @description What it is. */
            title: string;
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
         * @description The side of a payment.
         * @enum {string}
         */
        Side: "payer" | "payee";
        /** @enum {string} */
        SignalAction: "pass" | "label" | "announce" | "reject" | "drop" | "challenge" | "monitor" | "cut" | "other";
        /** @description What operators saw in the last hours. */
        SignalBoard: {
            /** @description Counters by hour, operator, channel, action and reason, the oldest first. */
            hours: components["schemas"]["SignalHour"][];
            /** @description The operators of the directory. */
            operators: components["schemas"]["OperatorSignals"][];
            /** @description The callers with the most hits in the last hour. */
            top_callers: components["schemas"]["TopCaller"][];
        };
        /** @description One event that hit something. Numbers are masked. */
        SignalHitRow: {
            action: components["schemas"]["SignalAction"];
            at: components["schemas"]["Timestamp"];
            /** @description Masked. */
            callee?: string | null;
            /** @description Whether the called person's number can be revealed: the call or message came through. */
            callee_known: boolean;
            /** @description Masked. */
            caller: string;
            channel: components["schemas"]["ContactChannel"];
            /** @description Name of the rule, or class of the text. */
            detail?: string | null;
            /** @description The operator's own id; reveal `caller` and `callee` of `hit:<partner>/<id>`. */
            id: string;
            partner: components["schemas"]["PartnerId"];
            partner_name: string;
            /** @description The entry of the list; masked where it is one number. */
            pattern?: string | null;
            /** Format: int64 */
            probability_permille?: number | null;
            reason: components["schemas"]["SignalReason"];
            /** @description Where the line is, six digits; empty where only the whole of the centre's region is known. */
            region: string;
            rule?: components["schemas"]["SignalRuleName"] | null;
        };
        /** @description How many events of one sort an operator saw in an hour. */
        SignalHour: {
            /** @description What was done. */
            action: components["schemas"]["SignalAction"];
            /** @description Calls or messages. */
            channel: components["schemas"]["ContactChannel"];
            /**
             * Format: int64
             * @description How many.
             */
            count: number;
            /** @description Name of the rule, or class of the text; empty where there is none. */
            detail: string;
            /** @description Beginning of the hour. */
            hour: components["schemas"]["Timestamp"];
            /** @description The operator. */
            partner: components["schemas"]["PartnerId"];
            /** @description What decided. */
            reason: components["schemas"]["SignalReason"];
            rule?: components["schemas"]["SignalRuleName"] | null;
        };
        /** @enum {string} */
        SignalReason: "none" | "list" | "rule" | "text" | "malformed" | "attestation" | "protection" | "order" | "emergency" | "other";
        /** @description A rule as the operator told it. */
        SignalRuleName: {
            /** @description Who answers for it at the operator. */
            owner?: string | null;
            /** @description How far it is in force there. */
            stage: components["schemas"]["SignalRuleStage"];
            /** @description What people call it. */
            title: string;
            /** @description The same in English. */
            title_en?: string | null;
        };
        /** @enum {string} */
        SignalRuleStage: "draft" | "shadow" | "live" | "retired" | "other";
        /** @description Where something stands: characters (Unicode scalar values) from the start, the end exclusive. */
        Span: {
            /** @description Behind the last character. */
            end: number;
            /** @description First character. */
            start: number;
        };
        /**
         * @description Where an order stands.
         * @enum {string}
         */
        State: "review" | "refused" | "cancelled" | "sent" | "in_effect" | "waiting" | "done" | "rejected" | "expired" | "lapsed" | "lifted" | "replaced";
        /** @description Which account, and why. */
        StopInput: {
            /** @description Key of the account within the chase. */
            account: string;
            /** @description The holder, where nobody has named him yet or the name was misheard. */
            account_name?: string | null;
            reason?: string;
            /** @description Hold the whole account instead of the victim's part. */
            whole_account?: boolean;
        };
        /** @description The order that was made. */
        StopMade: {
            id: components["schemas"]["OrderId"];
        };
        /** @description The number whose story is asked for; in the body, for numbers do not belong into addresses and logs. */
        StoryInput: {
            number: string;
        };
        /** @description A report that names the number. */
        StoryReport: {
            id: components["schemas"]["ReportId"];
            number: string;
            region: string;
            scam_type: string;
            submitted_at?: components["schemas"]["Timestamp"] | null;
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
        SubmitInput: {
            /**
             * Format: int64
             * @description The version seen; without it the present one is submitted.
             */
            version?: number | null;
        };
        /** @description A payment made up from findings that stand together; the fields may be taken into a report as they are. */
        SuggestedPayment: {
            /**
             * @description The payment as far as the text tells it. Where the text tells a day alone, `paid_at` is that date, and the time of
             *     day is left to be filled in.
             */
            payment: components["schemas"]["DraftPayment"];
            /** @description The findings it was made from. */
            spans: components["schemas"]["Span"][];
        };
        /**
         * @description What is to be done with telephone numbers of a report.
         * @enum {string}
         */
        TelephoneAct: "query_contacts" | "warn_contacts" | "block" | "watch";
        /** @description An act on telephone numbers of a report. */
        TelephoneActInput: {
            act: components["schemas"]["TelephoneAct"];
            period?: components["schemas"]["Period"] | null;
            /** @description Places among the contacts of the report; none means all its telephone numbers. */
            positions?: number[];
            reason: string;
        };
        /** @description What an act on telephone numbers led to. */
        TelephoneActed: {
            /** @description The entries of the number list, one a number; those that stood there already included. */
            entries: components["schemas"]["ListEntryId"][];
            /** @description The requests made, one a number. */
            requests: components["schemas"]["OrderId"][];
        };
        /** @description A name in both languages. */
        Text2: {
            /** @description English. */
            en: string;
            /** @description Chinese. */
            zh: string;
        };
        /** @description A time found. */
        TimeFinding: {
            /** @description How exact it is. */
            precision: components["schemas"]["Precision"];
            /** @description Where it stands. */
            span: components["schemas"]["Span"];
            /** @description As written. */
            text: string;
            /** @description The moment; a day alone is its midnight. */
            value: components["schemas"]["Timestamp"];
        };
        /** Format: date-time */
        Timestamp: string;
        /** @description A caller with many hits. The number is masked. */
        TopCaller: {
            /** @description Masked. */
            caller: string;
            /** Format: int64 */
            hits: number;
            last: components["schemas"]["Timestamp"];
        };
        /** @description The secret to be put into an authenticator. */
        TotpOutput: {
            /** @description Base32, for typing. */
            secret: string;
            /** @description For a QR code. */
            uri: string;
        };
        /** @description A tainted transfer of a chase. */
        TransferRow: {
            amount: components["schemas"]["Money"];
            at: components["schemas"]["Timestamp"];
            /** @description The way out: cash, card_terminal, top_up, game_card, virtual_currency, abroad, fee, returned, unknown. */
            exit?: string | null;
            from: string;
            /** Format: int64 */
            level: number;
            tainted: components["schemas"]["Money"];
            /** @description Key of the payee; absent at a way out. */
            to?: string | null;
        };
        /**
         * @description How near its end a hold is; the console colours by it and sorts by the end itself.
         * @enum {string}
         */
        Urgency: "calm" | "soon" | "now" | "past";
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
        /**
         * @description What a person decided about two reports.
         * @enum {string}
         */
        Verdict: "same" | "separate";
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
        /** @description A pair that waits for a person. */
        WaitingPair: {
            /** @description How sure the machine was. */
            certainty: components["schemas"]["Certainty"];
            /** @description How it came in. */
            channel: string;
            /** @description When the pair was found. */
            found_at: components["schemas"]["Timestamp"];
            /** @description Its number. */
            number: string;
            /** @description The earlier report. */
            other_id: components["schemas"]["ReportId"];
            /** @description Its number. */
            other_number: string;
            /** @description The later report. */
            report_id: components["schemas"]["ReportId"];
            /** @description Its state: a draft of the public page, or submitted. */
            state: components["schemas"]["ReportState"];
        };
        /** @description A payment that waits for a person. Personal data is masked. */
        WaitingPayment: {
            /** @description Masked. */
            account: string;
            /** @description Masked. */
            account_name?: string | null;
            amount: components["schemas"]["Money"];
            /** @description The bank that is not connected, as the report names it. */
            bank_named?: string | null;
            case_id: components["schemas"]["ReportId"];
            case_number: string;
            /** @description Whether who asks may place it now. */
            may_place: boolean;
            paid_at: components["schemas"]["Timestamp"];
            partner?: components["schemas"]["PartnerId"] | null;
            /**
             * Format: int64
             * @description Place of the payment in its case; names it in the call that places it.
             */
            position: number;
            region: string;
            reported_at: components["schemas"]["Timestamp"];
            waits_for: components["schemas"]["WaitsFor"];
        };
        /**
         * @description What a payment waits for.
         * @enum {string}
         */
        WaitsFor: "bank" | "letter" | "order" | "decision";
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
    };
}
/** What is read with GET. */
export type Reads =
  | "/chases"
  | "/chases-waiting"
  | "/desk-counts"
  | "/events"
  | "/journal"
  | "/journal/stuck"
  | "/journal/verification"
  | "/line-orders"
  | "/line-parameters"
  | "/number-appeals"
  | "/number-entries"
  | "/number-imports"
  | "/number-list"
  | "/number-parameters"
  | "/oidc/callback"
  | "/oidc/login"
  | "/orders"
  | "/partners"
  | "/payments-waiting"
  | "/regions"
  | "/report-imports"
  | "/report-pairs"
  | "/reports"
  | "/roles"
  | "/scam-types"
  | "/search"
  | "/seat"
  | "/session"
  | "/signal-hits"
  | "/signals"
  | "/standing-rules"
  | "/stop-parameters"
  | "/users"
  | `/chases/${string}`
  | `/line-orders/${string}/contacts`
  | `/line-orders/${string}`
  | `/number-entries/${string}`
  | `/number-imports/${string}`
  | `/orders/${string}/papers/${string}`
  | `/orders/${string}`
  | `/partners/${string}`
  | `/report-import-mappings/${string}`
  | `/report-imports/${string}`
  | `/reports/${string}/telephones`
  | `/reports/${string}`;
/** What is changed. */
export type Acts =
  | "/journal/stuck/retry"
  | "/journal/verification"
  | "/line-orders"
  | "/number-entries"
  | "/number-entries/import"
  | "/number-story"
  | "/orders"
  | "/partners"
  | "/public/reports"
  | "/report-imports"
  | "/reports"
  | "/reports/duplicates"
  | "/reports/read-narrative"
  | "/reveal"
  | "/session"
  | "/session/password"
  | "/session/totp"
  | "/session/totp/confirm"
  | "/standing-rules"
  | "/users"
  | `/chases/${string}/order-more`
  | `/chases/${string}/pause`
  | `/chases/${string}/resume`
  | `/chases/${string}/stop-account`
  | `/line-orders/${string}/approve`
  | `/line-orders/${string}/follow`
  | `/line-orders/${string}/lift`
  | `/line-orders/${string}/refuse`
  | `/line-orders/${string}/withdraw`
  | `/number-entries/${string}/approve`
  | `/number-entries/${string}/confirm`
  | `/number-entries/${string}/refuse`
  | `/number-entries/${string}/remove`
  | `/number-imports/${string}/cancel`
  | `/orders/${string}/approve`
  | `/orders/${string}/cancel`
  | `/orders/${string}/follow`
  | `/orders/${string}/papers`
  | `/orders/${string}/refuse`
  | `/partners/${string}`
  | `/payments-waiting/${string}/${string}/place`
  | `/report-import-mappings/${string}`
  | `/reports/${string}/close`
  | `/reports/${string}/pairs/${string}`
  | `/reports/${string}/submit`
  | `/reports/${string}/telephones`
  | `/reports/${string}`
  | `/standing-rules/${string}/approve`
  | `/standing-rules/${string}/end`
  | `/users/${string}`;
/** Rights by which routes are open. */
export type Rights =
  | "chase.act"
  | "chase.read"
  | "intake.read"
  | "intake.write"
  | "journal.read"
  | "journal.retry"
  | "lines.check"
  | "lines.make"
  | "lines.read"
  | "numbers.check"
  | "numbers.read"
  | "numbers.write"
  | "partners.write"
  | "reveal"
  | "rules.write"
  | "signals.read"
  | "stop.check"
  | "stop.make"
  | "stop.read"
  | "users.write";
