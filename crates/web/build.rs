//! Compiles again when the console was built anew. The folder may be absent; whoever builds it for the first time
//! sets `SHOUHU_CONSOLE` (to anything that changes), because a folder that is not there cannot be watched cheaply.

fn main() {
    println!("cargo:rerun-if-env-changed=SHOUHU_CONSOLE");
    println!("cargo:rerun-if-changed=build.rs");
    if std::path::Path::new("../../console/dist").exists() {
        println!("cargo:rerun-if-changed=../../console/dist");
    }
}
