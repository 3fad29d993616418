package dev.lifeboat.postgresql;

import dev.lifeboat.config.SecretSource;
import dev.lifeboat.postgresql.PostgresqlException.Reason;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/// One connection to PostgreSQL. Used by one thread.
final class Database implements AutoCloseable {
  /*
   * The table of OpenBao and Vault is known by its columns, since its name can be configured
   * (openbao_kv_store and vault_kv_store are what they choose themselves). Without the keyring that
   * lies in it no server opens what was restored.
   */
  private static final String KV_TABLES =
      """
      SELECT table_schema, table_name FROM information_schema.columns
      WHERE column_name IN ('parent_path', 'path', 'key', 'value')
        AND table_schema NOT IN ('pg_catalog', 'information_schema')
      GROUP BY table_schema, table_name HAVING count(*) = 4 ORDER BY 1, 2""";

  /// Known to nobody else.
  private static final long COMMENTING = 0x6c696665626f6174L;

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final PostgresqlConfig config;
  private final Connection connection;

  private Database(PostgresqlConfig config, Connection connection) {
    this.config = config;
    this.connection = connection;
  }

  static Database open(PostgresqlConfig config) {
    return open(config, config.database());
  }

  static Database open(PostgresqlConfig config, String database) {
    Properties login = new Properties();
    login.put("user", config.user());
    config
        .password()
        .map(SecretSource::read)
        .ifPresent(word -> login.put("password", word.reveal()));
    login.put("sslmode", config.sslMode().word());
    config.caFile().ifPresent(file -> login.put("sslrootcert", file.toString()));
    if (config.caFile().isEmpty()) {
      login.put("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
    }
    login.put("ApplicationName", "lifeboat");
    login.put("connectTimeout", Long.toString(PATIENCE.toSeconds()));
    login.put("loginTimeout", Long.toString(PATIENCE.toSeconds()));
    login.put("socketTimeout", Long.toString(PATIENCE.multipliedBy(6).toSeconds()));
    String host = config.host().contains(":") ? "[" + config.host() + "]" : config.host();
    String url = "jdbc:postgresql://%s:%d/%s".formatted(host, config.port(), encoded(database));
    try {
      return new Database(config, DriverManager.getConnection(url, login));
    } catch (SQLException e) {
      throw failed(config, e);
    }
  }

  private static String encoded(String database) {
    return java.net.URLEncoder.encode(database, java.nio.charset.StandardCharsets.UTF_8);
  }

  private static PostgresqlException failed(PostgresqlConfig config, SQLException e) {
    String state = String.valueOf(e.getSQLState());
    // Class 08 is the connection, 28 the login, 42501 a right that is missing.
    Reason reason =
        state.startsWith("28") || state.equals("42501")
            ? Reason.DENIED
            : state.startsWith("08") || state.startsWith("57") ? Reason.UNREACHABLE : Reason.DUMP;
    String first = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    return new PostgresqlException(
        reason,
        "postgresql %s: %s".formatted(config.where(), first)
            + "\nhint: "
            + switch (reason) {
              case DENIED -> "look at user and password in the block postgresql, and at the grants";
              case UNREACHABLE -> "is it up, and are host, port, database and ssl-mode right?";
              default -> "look into the log of the database";
            },
        e);
  }

  /// As `SHOW server_version` has it.
  String version() {
    return text("SHOW server_version").orElse("");
  }

  long sizeBytes() {
    return number("SELECT pg_database_size(current_database())").orElse(0L);
  }

  /// Schema and name of every table that looks like one of OpenBao or Vault.
  List<String> kvTables() {
    List<String> tables = new ArrayList<>();
    rows(KV_TABLES, row -> tables.add("%s.%s".formatted(quoted(row, 1), quoted(row, 2))));
    return tables;
  }

  /// How many rows the keyring has in this table: 1 in every one that a server can open.
  long keyrings(String table) {
    return number(
            "SELECT count(*) FROM %s WHERE key = 'keyring' AND path = '/core/'".formatted(table))
        .orElse(0L);
  }

  long rows(String table) {
    return number("SELECT count(*) FROM " + table).orElse(0L);
  }

  /// By name, tables with their indexes and everything stored aside.
  Map<String, Long> tableBytes() {
    Map<String, Long> sizes = new TreeMap<>();
    rows(
        """
        SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables
        ORDER BY 2 DESC LIMIT 20""",
        row -> sizes.merge(row.getString(1), row.getLong(2), Long::sum));
    return sizes;
  }

  long connections() {
    return number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        .orElse(0L);
  }

  long maxConnections() {
    return number("SELECT setting::bigint FROM pg_settings WHERE name = 'max_connections'")
        .orElse(0L);
  }

  /// Whether this is a standby of another server.
  boolean inRecovery() {
    return text("SELECT pg_is_in_recovery()").filter("t"::equals).isPresent();
  }

  /// By the standby's name, what it has not replayed yet.
  Map<String, Long> lagBytes() {
    Map<String, Long> lag = new TreeMap<>();
    rows(
        """
        SELECT coalesce(nullif(application_name, ''), client_addr::text, 'unknown'),
          pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint
        FROM pg_stat_replication WHERE replay_lsn IS NOT NULL LIMIT 20""",
        row -> lag.merge(row.getString(1), Math.max(0, row.getLong(2)), Math::max));
    return lag;
  }

  /// How many standbys are attached.
  long standbys() {
    return number("SELECT count(*) FROM pg_stat_replication WHERE replay_lsn IS NOT NULL")
        .orElse(0L);
  }

  /// Of a standby: how old its newest transaction is; 0 when it has everything that it received.
  Optional<Long> lagSeconds() {
    return number(
        """
        SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
          ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp())::bigint END""");
  }

  /// Whether our user is the owner, or a member of it.
  boolean owned() {
    return text("SELECT pg_has_role(current_user, datdba, 'USAGE') FROM pg_database"
            + " WHERE datname = current_database()")
        .filter("t"::equals)
        .isPresent();
  }

  /// The first of what stands in it and does not belong to an extension.
  List<String> relations() {
    List<String> names = new ArrayList<>();
    rows(
        """
        SELECT n.nspname || '.' || c.relname FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
          AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
            AND d.objid = c.oid AND d.deptype = 'e')
        ORDER BY 1 LIMIT 10""",
        row -> names.add(row.getString(1)));
    return names;
  }

  /// By its name for the database, who else is connected to this one: `openbao from 10.0.0.4`.
  Map<String, List<String>> sessions() {
    Map<String, List<String>> sessions = new TreeMap<>();
    rows(
        """
        SELECT coalesce(application_name, ''),
          coalesce(usename, '?') || coalesce(' from ' || host(client_addr), '')
        FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND coalesce(backend_type, 'client backend') = 'client backend'
        ORDER BY 2""",
        row ->
            sessions
                .computeIfAbsent(row.getString(1), _ -> new ArrayList<>())
                .add(row.getString(2)));
    return sessions;
  }

  /// Of whoever else is connected to this one and is none of ours. A login that may not see the
  /// sessions of others is still told their processes.
  Set<String> sessionIds() {
    Set<String> ids = new TreeSet<>();
    rows(
        """
        SELECT pid || ' ' || coalesce(backend_start::text, '')
        FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND coalesce(backend_type, 'client backend') = 'client backend'
          AND coalesce(application_name, '') NOT LIKE 'lifeboat%'""",
        row -> ids.add(row.getString(1)));
    return ids;
  }

  /// What stands beside its name; empty for nothing.
  String comment() {
    return text("SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database"
            + " WHERE datname = current_database()")
        .orElse("");
  }

  /// Nobody else changes it at the same moment.
  ///
  /// @param change what it was → what it becomes
  void comment(UnaryOperator<String> change) {
    try {
      connection.setAutoCommit(false);
      boolean good = false;
      try {
        execute("SELECT pg_advisory_xact_lock(%d)".formatted(COMMENTING));
        String before = comment();
        String after = change.apply(before);
        if (!after.equals(before)) {
          execute(commenting(after));
        }
        connection.commit();
        good = true;
      } finally {
        if (!good) {
          connection.rollback();
        }
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw failed(config, e);
    }
  }

  /// It takes no parameters, and the database knows best how to quote.
  private String commenting(String words) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT format('COMMENT ON DATABASE %I IS %L', current_database(), ?::text)")) {
      statement.setString(1, words);
      try (ResultSet row = statement.executeQuery()) {
        boolean _ = row.next();
        return row.getString(1);
      }
    }
  }

  boolean mayCreateDatabases() {
    return text("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
        .filter("t"::equals)
        .isPresent();
  }

  /// Names of databases that an earlier [Scratch] of a dead process left.
  List<String> databasesLike(String prefix) {
    List<String> names = new ArrayList<>();
    rows(
        "SELECT datname FROM pg_database WHERE datname LIKE '%s%%'".formatted(prefix),
        row -> names.add(row.getString(1)));
    return names;
  }

  /// @param name of letters, digits and underscores
  void createDatabase(String name) {
    execute("CREATE DATABASE \"%s\" TEMPLATE template0".formatted(name));
  }

  /// With whoever is connected to it.
  void dropDatabase(String name) {
    execute("DROP DATABASE IF EXISTS \"%s\" WITH (FORCE)".formatted(name));
  }

  @FunctionalInterface
  private interface RowReader {
    void read(ResultSet row) throws SQLException;
  }

  private void rows(String query, RowReader reader) {
    try (PreparedStatement statement = connection.prepareStatement(query);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        reader.read(rows);
      }
    } catch (SQLException e) {
      throw failed(config, e);
    }
  }

  private Optional<Long> number(String query) {
    List<Long> found = new ArrayList<>();
    rows(
        query,
        row -> {
          long value = row.getLong(1);
          if (!row.wasNull()) {
            found.add(value);
          }
        });
    return found.stream().findFirst();
  }

  private Optional<String> text(String query) {
    List<String> found = new ArrayList<>();
    rows(query, row -> found.add(String.valueOf(row.getString(1))));
    return found.stream().findFirst();
  }

  private void execute(String command) {
    try (Statement statement = connection.createStatement()) {
      boolean _ = statement.execute(command);
    } catch (SQLException e) {
      throw failed(config, e);
    }
  }

  private static String quoted(ResultSet row, int column) throws SQLException {
    return "\"" + row.getString(column).replace("\"", "\"\"") + "\"";
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      System.getLogger(Database.class.getName())
          .log(System.Logger.Level.DEBUG, "event=postgresql_close_failed", e);
    }
  }
}
