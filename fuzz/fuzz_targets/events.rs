#![no_main]
//! Event files: any bytes are read to their end, and what is read is written and read again.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for event in world::event::read(bytes).flatten() {
        let mut line = Vec::new();
        event.write_line(&mut line).expect("a vector takes every byte");
        let again = world::event::read(line.as_slice()).next().expect("one line").expect("an event");
        assert_eq!(again, event);
    }
});
