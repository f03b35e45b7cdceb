//! What the store knows of a source before a delivery of it is taken: its name, the columns that it delivered by, its keys.

use anyhow::Result;

use super::facts::array;
use super::reader::Reader;
use super::write::Write;

impl Write<'_> {
    /// The sources that anything in the store is of. One whose deliveries were all withdrawn, and of which nothing else
    /// speaks, is known no more.
    pub fn known_sources(&self) -> Result<Vec<String>> {
        self.rows(
            "SELECT v.spelling FROM vocabulary AS v WHERE v.kind = 'source' AND (
                NOT EXISTS (SELECT 1 FROM integration_sync_job WHERE source_system_key = v.spelling)
                OR EXISTS (SELECT 1 FROM integration_sync_job WHERE source_system_key = v.spelling AND statecode = 0)
                OR EXISTS (SELECT 1 FROM code_binding WHERE source_system_key = v.spelling AND active = 1)
                OR EXISTS (SELECT 1 FROM integration_value_map
                           WHERE source_system_key = v.spelling AND statecode = 0 AND state <> 0))",
            [],
            |row| row.get(0),
        )
    }

    /// The key columns by which a source delivered a table, the newest first; withdrawn deliveries left out.
    pub fn brought_by(&self, source: &str, table: &str) -> Result<Vec<String>> {
        self.rows(
            "SELECT key_column FROM integration_sync_job
             WHERE source_system_key = ? AND target_table = ? AND direction = 166840000 AND statecode = 0
               AND key_column IS NOT NULL
             GROUP BY key_column ORDER BY max(id) DESC",
            (source, table),
            |row| row.get(0),
        )
    }
}

impl Reader {
    /// How many of these keys stand for no record of the table yet.
    pub fn unknown_keys(&self, source: &str, table: &str, keys: &[String]) -> Result<i64> {
        let sql = "SELECT count(*) FROM json_each(?1) AS k WHERE NOT EXISTS
                     (SELECT 1 FROM integration_identifier WHERE external_key = k.value
                        AND source_system_key = ?2 AND target_table = ?3 AND statecode = 0)";
        Ok(self.conn.prepare_cached(sql)?.query_row((array(keys)?, source, table), |row| row.get(0))?)
    }
}
