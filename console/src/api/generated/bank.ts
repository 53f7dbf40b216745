/** Written by `npm run gen:api` from `shouhu bank openapi`; changes are made there. */

/* oxlint-disable */
export interface components {
    schemas: {
        /** @description An account with its holds. */
        AccountDetail: {
            account: string;
            available: components["schemas"]["Money"];
            balance: components["schemas"]["Money"];
            held: components["schemas"]["Money"];
            /** @description The latest first. */
            holds: components["schemas"]["HoldView"][];
            id: components["schemas"]["AccountId"];
            kind: components["schemas"]["AccountKind"];
            name: string;
            opened_at: components["schemas"]["Timestamp"];
            protected_reason?: string | null;
            state: components["schemas"]["AccountState"];
            /** @description Whether its movements are pushed to a centre. */
            watched: boolean;
        };
        /** Format: uuid */
        AccountId: string;
        /**
         * @description What kind of account; a payment institution offers wallets and merchant accounts.
         * @enum {string}
         */
        AccountKind: "settlement" | "limited" | "company" | "savings" | "securities" | "wallet" | "merchant" | "internal";
        /**
         * @description Whether an account is in use.
         * @enum {string}
         */
        AccountState: "open" | "closed";
        /** @enum {string} */
        AnswerCode: "done" | "done_in_part" | "no_such_account" | "name_mismatch" | "amount_or_time_mismatch" | "protected_account" | "already_stopped" | "already_frozen" | "waiting_in_line" | "stops_used_up" | "order_incomplete" | "papers_missing" | "seal_not_valid" | "order_already_handled" | "function_not_offered" | "nothing_to_lift" | "internal_failure" | "other";
        /** @description An answer with personal data masked. */
        AnswerView: {
            accounts?: components["schemas"]["HeldAccountView"][] | null;
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
        /**
         * @description What kind of hold.
         * @enum {string}
         */
        BankHoldKind: "stop" | "freeze" | "own_stop";
        /** @description The case of a victim at the counter. */
        CaseInput: {
            /** @description How the scammer was in touch. */
            contacts?: components["schemas"]["ContactInput"][];
            occurred_at?: components["schemas"]["Timestamp"] | null;
            /** @description What the victim paid. */
            payments?: components["schemas"]["PaymentInput"][];
            /** @description Code of the scam type. */
            scam_type?: string | null;
            /** @description Citizen ID of the victim. */
            victim_citizen_id?: string | null;
            /** @description Name of the victim. */
            victim_name: string;
            /** @description Telephone of the victim. */
            victim_phone: string;
        };
        /** @enum {string} */
        Channel: "counter" | "online" | "mobile" | "atm" | "card_terminal" | "top_up" | "game_card" | "virtual_currency" | "abroad" | "cash" | "payment_institution" | "fee" | "interest" | "other";
        CodeInput: {
            /** @description Six digits. */
            code?: string;
        };
        /** @description A way in which the scammer was in touch. */
        ContactInput: {
            /** @description What it is. */
            kind: components["schemas"]["ContactKind"];
            /** @description Number, address or name. */
            value: string;
        };
        /** @enum {string} */
        ContactKind: "phone" | "url" | "chat" | "app" | "other";
        /**
         * @description Currency code, ISO 4217 and CNH
         * @example CNY
         */
        Currency: string;
        /** @description A deposit that comes in from another bank. */
        DepositInput: {
            /** @description The account here. */
            account: string;
            /** @description Amount. */
            amount: components["schemas"]["Money"];
            /** @description How. */
            channel: components["schemas"]["Channel"];
            /** @description Number in the system that it comes from; the same number is booked once. */
            external_id?: string | null;
            /** @description The payer's words. */
            memo?: string;
            /** @description The payer at the other bank. */
            payer: components["schemas"]["SideInput"];
            /** @description Reference that both sides share. */
            reference?: string;
        };
        /** @description What waits. A desk that one may not see counts nothing. */
        DeskCounts: {
            /**
             * Format: int64
             * @description Holds in force or in line.
             */
            holds: number;
            /**
             * Format: int64
             * @description Holds that end within six hours.
             */
            holds_ending: number;
            /**
             * Format: int64
             * @description Cases reported that the centre has not taken.
             */
            notices: number;
            /**
             * Format: int64
             * @description Orders received in the last 24 hours that were not carried out.
             */
            orders: number;
            /**
             * Format: int64
             * @description Orders received in the last 24 hours.
             */
            orders_today: number;
            /**
             * Format: int64
             * @description Messages refused for their seal in the last 24 hours, 100 at most: an alarm.
             */
            seals_refused: number;
        };
        /** @enum {string} */
        Direction: "in" | "out";
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
        HeldAccountView: {
            account: string;
            available: components["schemas"]["Money"];
            balance: components["schemas"]["Money"];
            name: string;
            opened_at: components["schemas"]["Timestamp"];
        };
        /** @description Something found. */
        Hit: {
            /** @description To tell it from others. */
            hint?: string | null;
            /** @description Its number. */
            number: string;
            /** @description For instance `order:0192…`. */
            subject: string;
            /** @description What it is. */
            title: string;
        };
        /** Format: uuid */
        HoldId: string;
        /** @enum {string} */
        HoldKind: "stop" | "freeze";
        /**
         * @description Where a hold stands.
         * @enum {string}
         */
        HoldState: "active" | "waiting" | "lapsed" | "lifted" | "replaced";
        /** @description A hold. */
        HoldView: {
            account: string;
            account_name: string;
            authority: string;
            case_number: string;
            ended_at?: components["schemas"]["Timestamp"] | null;
            from?: components["schemas"]["Timestamp"] | null;
            /** @description What it withholds now. */
            held: components["schemas"]["Money"];
            id: components["schemas"]["HoldId"];
            kind: components["schemas"]["BankHoldKind"];
            limit?: components["schemas"]["Money"] | null;
            order_id?: components["schemas"]["OrderId"] | null;
            placed_at: components["schemas"]["Timestamp"];
            /**
             * Format: int64
             * @description Place in line; 0 is in force.
             */
            position: number;
            state: components["schemas"]["HoldState"];
            /**
             * Format: int64
             * @description Stops that it counts for.
             */
            stops: number;
            until?: components["schemas"]["Timestamp"] | null;
        };
        HolderView: {
            branch?: string | null;
            id_number: string;
            name: string;
            opened_at: components["schemas"]["Timestamp"];
            phones: string[];
        };
        LoginInput: {
            login?: string;
            password?: string;
            /** @description The code of the authenticator, where one is enrolled. */
            totp?: string | null;
        };
        /**
         * @description Where the default of a parameter comes from.
         * @enum {string}
         */
        Mark: "law" | "notice" | "practice" | "ours";
        /**
         * @description Whether money moves at once.
         * @enum {string}
         */
        ModeInput: "posted" | "pending";
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
        /** @description A movement with its sequence. */
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
            /**
             * Format: int64
             * @description Sequence in the account.
             */
            sequence?: number | null;
            /** @description The day from which it counts. */
            value_date?: string | null;
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
        NoticeAnswer: {
            /** @description The case that it became or joined. */
            case_number?: string | null;
            /** @description When the centre took it. */
            taken_at: components["schemas"]["Timestamp"];
        };
        /** Format: uuid */
        NoticeId: string;
        /** @description A notice as the clerk fills it in; checked as a whole. */
        NoticeInput: {
            /** @description Number of the account concerned, with the other kinds. */
            account?: string | null;
            /** @description The branch; the seat's own name for itself unless given. */
            branch?: string | null;
            case?: components["schemas"]["CaseInput"] | null;
            /** @description What is reported. */
            kind: components["schemas"]["NoticeKind"];
            /** @description Six-digit region code of the branch. */
            region?: string | null;
            /** @description Why it is strange or suspect. */
            signs?: components["schemas"]["Sign"][];
            /** @description Whether to stop first. */
            stop_first?: components["schemas"]["StopFirst"];
            /** @description Movements of that account that are concerned. */
            transfers?: components["schemas"]["TransferId"][];
            /** @description What happened, in words. */
            words: string;
        };
        /** @enum {string} */
        NoticeKind: "victim_case" | "account_opening" | "suspect_account" | "suspect_event";
        /** @description A notice. */
        NoticeView: {
            account?: string | null;
            answer?: components["schemas"]["NoticeAnswer"] | null;
            centre: string;
            hold_id?: components["schemas"]["HoldId"] | null;
            id: components["schemas"]["NoticeId"];
            kind: string;
            made_at: components["schemas"]["Timestamp"];
            made_by: string;
            number: string;
            victim?: string | null;
            words: string;
        };
        /** @description An order with its answer and its sealed text. */
        OrderDetail: components["schemas"]["OrderLine"] & {
            answer: components["schemas"]["AnswerView"];
            approver?: string | null;
            check_amount?: components["schemas"]["Money"] | null;
            check_at?: components["schemas"]["Timestamp"] | null;
            check_reference?: string | null;
            legal_basis?: string | null;
            /** Format: int32 */
            level?: number | null;
            papers: components["schemas"]["Paper"][];
            reason?: string | null;
            /** @description The same in English, where the centre's machine wrote it and no person. */
            reason_en?: string | null;
            /** @description Header of the sealed text, decoded. */
            sealed_header?: Record<string, unknown> | null;
            /** @description Payload of the sealed text, decoded, with account and name masked. */
            sealed_payload?: Record<string, unknown> | null;
            /** @description SHA-256 of the sealed text. */
            sealed_sha256?: string | null;
            unit?: string | null;
            until?: components["schemas"]["Timestamp"] | null;
        };
        /** Format: uuid */
        OrderId: string;
        /** @description A line of the list. */
        OrderLine: {
            account: string;
            account_name?: string | null;
            amount?: components["schemas"]["Money"] | null;
            authority: string;
            case_number: string;
            code: components["schemas"]["AnswerCode"];
            hold_id?: components["schemas"]["HoldId"] | null;
            id: components["schemas"]["OrderId"];
            kind: string;
            number: string;
            received_at: components["schemas"]["Timestamp"];
        };
        /** @description A paper attached to an order. */
        Paper: {
            /** @description For instance `application/pdf`. */
            media_type: string;
            /** @description File name. */
            name: string;
            /** @description SHA-256, lower-case hex. */
            sha256: string;
        };
        /** @description One row of the table. */
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
            /** @description Kind of source. */
            mark: components["schemas"]["Mark"];
            /**
             * Format: int64
             * @description Largest value that a configuration may set.
             */
            max: number;
            /** @description The source itself. */
            source: string;
            /** @description Unit of the value. */
            unit: components["schemas"]["Unit"];
            /** @description What it governs, in Chinese. */
            zh: string;
        };
        /** @description A parameter with its value. */
        ParameterView: components["schemas"]["Parameter"] & {
            /**
             * Format: int64
             * @description The value in force.
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
        /** @description A payment of the victim. */
        PaymentInput: {
            /** @description Amount. */
            amount: components["schemas"]["Money"];
            /** @description When. */
            paid_at: components["schemas"]["Timestamp"];
            /** @description Account paid to. */
            payee_account: string;
            /** @description Bank of the payee; this seat's id for the own bank. */
            payee_bank: string;
            /** @description Name of the payee. */
            payee_name: string;
            /** @description Account paid from. */
            payer_account: string;
            /** @description Reference. */
            reference?: string | null;
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
        /** @description An entry of the protected list (白名单). */
        ProtectInput: {
            /** @description Why; empty takes the account off the list. */
            reason?: string;
        };
        ProtectOutput: {
            protected_reason?: string | null;
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
        /** @description A case that was reported. */
        Reported: {
            held?: components["schemas"]["Money"] | null;
            held_until?: components["schemas"]["Timestamp"] | null;
            id: components["schemas"]["NoticeId"];
            number: string;
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
        /** @description Why a transfer is reversed. */
        ReverseInput: {
            /** @description In words; stands as the memo of the reversal. */
            reason?: string;
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
        /** @description One side of a transfer. */
        SideInput: {
            /** @description Account number; absent for cash and the like, where the channel tells the other side. */
            account?: string | null;
            /** @description Name of the seat that holds the account; this bank unless given. */
            bank?: string | null;
            /** @description Name of the holder, for accounts at other banks. */
            name?: string;
        };
        /** @enum {string} */
        Sign: "many_accounts" | "identity_in_doubt" | "accompanied" | "shared_contact" | "refused_verification" | "bought_or_rented" | "scattered_in_gathered_out" | "gathered_in_scattered_out" | "rapid_series" | "small_trial_first" | "quick_in_out" | "dormant_woken" | "quick_cash_out" | "out_of_character" | "other";
        /**
         * @description Whether the bank stops the payee's account before the order arrives.
         * @enum {string}
         */
        StopFirst: "no" | "yes";
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
        /** @description A name in both languages. */
        Text2: {
            /** @description English. */
            en: string;
            /** @description Chinese. */
            zh: string;
        };
        /** Format: date-time */
        Timestamp: string;
        /** @description The secret to be put into an authenticator. */
        TotpOutput: {
            /** @description Base32, for typing. */
            secret: string;
            /** @description For a QR code. */
            uri: string;
        };
        /** Format: uuid */
        TransferId: string;
        /** @description A transfer to be made. */
        TransferInput: {
            /** @description Amount. */
            amount: components["schemas"]["Money"];
            /** @description How. */
            channel: components["schemas"]["Channel"];
            /** @description Number in the system that it comes from; the same number is booked once. */
            external_id?: string | null;
            /** @description The payer's words. */
            memo?: string;
            /** @description At once or reserved. */
            mode?: components["schemas"]["ModeInput"];
            /** @description Who receives. */
            payee: components["schemas"]["SideInput"];
            /** @description Who pays. */
            payer: components["schemas"]["SideInput"];
            /** @description Reference that both sides share. */
            reference?: string;
            /** @description The day from which it counts; today unless given. */
            value_date?: string | null;
        };
        /** @description A transfer that was booked, reserved, voided or reversed. */
        TransferOutput: {
            id: components["schemas"]["TransferId"];
            payer_available?: components["schemas"]["Money"] | null;
            /** @description `posted`, `pending` or `voided`. */
            state: string;
        };
        /**
         * @description The unit of a parameter's whole number.
         * @enum {string}
         */
        Unit: "minutes" | "hours" | "months" | "count";
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
    };
}
/** What is read with GET. */
export type Reads =
  | "/desk-counts"
  | "/events"
  | "/holds"
  | "/journal"
  | "/journal/stuck"
  | "/journal/verification"
  | "/notices"
  | "/oidc/callback"
  | "/oidc/login"
  | "/orders"
  | "/parameters"
  | "/partners"
  | "/regions"
  | "/roles"
  | "/scam-types"
  | "/search"
  | "/seat"
  | "/session"
  | "/users"
  | `/accounts/${string}/statement`
  | `/accounts/${string}`
  | `/holds/${string}`
  | `/notices/${string}`
  | `/orders/${string}`
  | `/partners/${string}`;
/** What is changed. */
export type Acts =
  | "/deposits-from-clearing"
  | "/journal/stuck/retry"
  | "/journal/verification"
  | "/notices"
  | "/partners"
  | "/reveal"
  | "/session"
  | "/session/password"
  | "/session/totp"
  | "/session/totp/confirm"
  | "/transfers"
  | "/users"
  | `/accounts/${string}/protection`
  | `/partners/${string}`
  | `/transfers/${string}/post`
  | `/transfers/${string}/reverse`
  | `/transfers/${string}/void`
  | `/users/${string}`;
/** Rights by which routes are open. */
export type Rights =
  | "bank.admin"
  | "bank.holds.read"
  | "bank.orders.read"
  | "bank.report.write"
  | "journal.read"
  | "journal.retry"
  | "partners.write"
  | "reveal"
  | "users.write";
