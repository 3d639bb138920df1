use crate::Arguments;
pub fn run(_: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    Ok(())
}
