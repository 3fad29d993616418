package dev.lifeboat.route53;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lifeboat.kms.FakeAws;
import dev.lifeboat.store.s3.Login;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A fake: one hosted zone, which speaks the XML of Amazon Route 53 as its API reference has it,
/// and checks nothing. That the same requests do at a server that is not ours is proven in `lab`,
/// against moto.
public final class FakeRoute53 implements AutoCloseable {
  public static final String ID = "Z1234567890ABC";
  private static final String NAMESPACE = "xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"";
  private static final Pattern SET =
      Pattern.compile("<ResourceRecordSet>.*?</ResourceRecordSet>", Pattern.DOTALL);

  private final HttpServer server;
  private final Map<String, String> sets = new TreeMap<>();
  private final List<String> asked = new ArrayList<>();
  private boolean denying;
  private int pending;

  private FakeRoute53(HttpServer server) {
    this.server = server;
  }

  public static FakeRoute53 open() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    FakeRoute53 fake = new FakeRoute53(server);
    server.createContext("/", fake::answer);
    server.start();
    return fake;
  }

  /// A simple record, with the 300 s of the console.
  public synchronized FakeRoute53 has(String name, String type, String... values) {
    String records =
        Arrays.stream(values)
            .map("<ResourceRecord><Value>%s</Value></ResourceRecord>"::formatted)
            .collect(Collectors.joining());
    return puts(
        name, type, "<TTL>300</TTL><ResourceRecords>%s</ResourceRecords>".formatted(records));
  }

  /// One that a load balancer answers.
  public synchronized FakeRoute53 alias(String name, String zone, String target) {
    return puts(
        name,
        "A",
        """
        <AliasTarget><HostedZoneId>%s</HostedZoneId><DNSName>%s.</DNSName>\
        <EvaluateTargetHealth>true</EvaluateTargetHealth></AliasTarget>\
        """
            .formatted(zone, target));
  }

  /// One of several of its name.
  public synchronized FakeRoute53 weighted(String name, String identifier, String value) {
    return puts(
        name,
        "A",
        """
        <SetIdentifier>%s</SetIdentifier><Weight>50</Weight><TTL>300</TTL>\
        <ResourceRecords><ResourceRecord><Value>%s</Value></ResourceRecord></ResourceRecords>\
        """
            .formatted(identifier, value));
  }

  private FakeRoute53 puts(String name, String type, String rest) {
    String set =
        "<ResourceRecordSet><Name>%s.</Name><Type>%s</Type>%s</ResourceRecordSet>"
            .formatted(name, type, rest);
    sets.put(key(name, type), set);
    return this;
  }

  private static String key(String name, String type) {
    return name.toLowerCase(Locale.ROOT).replaceAll("\\.$", "") + " " + type;
  }

  /// Whether we may, from now on.
  public synchronized FakeRoute53 denies(boolean from) {
    denying = from;
    return this;
  }

  /// How often a change is not everywhere yet.
  synchronized FakeRoute53 pending(int times) {
    pending = times;
    return this;
  }

  /// What the record has, in XML; empty when there is none.
  public synchronized String set(String name, String type) {
    return sets.getOrDefault(key(name, type), "");
  }

  /// Its values.
  public String answers(String name, String type) {
    return all(set(name, type), "Value").stream().collect(Collectors.joining(", "));
  }

  /// How often a record was changed.
  public synchronized long changes() {
    return asked.stream().filter("POST"::equals).count();
  }

  synchronized long asked() {
    return asked.size();
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /// @param folder for credentials of nobody
  public Zone zone(Path folder) throws IOException {
    Login login =
        new Login(
            "restore.record", Optional.of("aws-global"), Optional.of(endpoint()), Optional.empty());
    return new Zone(login, FakeAws.credentials(folder), ID);
  }

  private static List<String> all(String xml, String tag) {
    Matcher found = Pattern.compile("<%1$s>([^<]*)</%1$s>".formatted(tag)).matcher(xml);
    return found.results().map(each -> each.group(1)).toList();
  }

  private synchronized void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    asked.add(exchange.getRequestMethod());
    if (denying) {
      reply(
          exchange,
          403,
          """
          <ErrorResponse %s><Error><Type>Sender</Type><Code>AccessDenied</Code>\
          <Message>not authorized</Message></Error><RequestId>1</RequestId></ErrorResponse>\
          """
              .formatted(NAMESPACE));
    } else if (path.startsWith("/2013-04-01/change/")) {
      reply(exchange, 200, info("GetChangeResponse", pending-- > 0 ? "PENDING" : "INSYNC"));
    } else if (exchange.getRequestMethod().equals("POST")) {
      change(body);
      reply(exchange, 200, info("ChangeResourceRecordSetsResponse", "PENDING"));
    } else {
      reply(exchange, 200, list(exchange.getRequestURI().getRawQuery()));
    }
  }

  private void change(String body) {
    Matcher found = SET.matcher(body);
    if (!found.find() || !body.contains("<Action>UPSERT</Action>")) {
      throw new IllegalStateException(body);
    }
    String set = found.group();
    String name = all(set, "Name").getFirst();
    String dotted =
        set.replace("<Name>%s</Name>".formatted(name), "<Name>%s.</Name>".formatted(name));
    sets.put(key(name, all(set, "Type").getFirst()), dotted);
  }

  /// The first that is not before what was asked for, whatever its name is: so does Route 53.
  private String list(String query) {
    Map<String, String> asked =
        Arrays.stream(query.split("&"))
            .map(pair -> pair.split("=", 2))
            .collect(
                Collectors.toMap(
                    pair -> pair[0], pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8)));
    String from = key(asked.getOrDefault("name", ""), asked.getOrDefault("type", ""));
    String found =
        sets.entrySet().stream()
            .filter(each -> each.getKey().compareTo(from) >= 0)
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse("");
    return """
        <ListResourceRecordSetsResponse %s><ResourceRecordSets>%s</ResourceRecordSets>\
        <IsTruncated>false</IsTruncated><MaxItems>1</MaxItems></ListResourceRecordSetsResponse>\
        """
        .formatted(NAMESPACE, found);
  }

  private static String info(String response, String status) {
    return """
        <%1$s %2$s><ChangeInfo><Id>/change/C1</Id><Status>%3$s</Status>\
        <SubmittedAt>2026-11-30T12:00:00Z</SubmittedAt></ChangeInfo></%1$s>\
        """
        .formatted(response, NAMESPACE, status);
  }

  private static void reply(HttpExchange exchange, int status, String xml) throws IOException {
    byte[] bytes = ("<?xml version=\"1.0\"?>\n" + xml).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "text/xml");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
