package sdk;

import static sdk.Main.refusal;

import com.google.protobuf.Empty;
import io.dapr.client.DaprClient;
import io.dapr.client.DaprClientBuilder;
import io.dapr.client.DaprPreviewClient;
import io.dapr.client.Subscription;
import io.dapr.client.SubscriptionListener;
import io.dapr.client.domain.BulkPublishEntry;
import io.dapr.client.domain.BulkPublishRequest;
import io.dapr.client.domain.CloudEvent;
import io.dapr.client.domain.ComponentMetadata;
import io.dapr.client.domain.HttpExtension;
import io.dapr.client.domain.PublishEventRequest;
import io.dapr.client.domain.State;
import io.dapr.client.domain.StateOptions;
import io.dapr.client.domain.TransactionalStateOperation;
import io.dapr.client.domain.TransactionalStateOperation.OperationType;
import io.dapr.config.Properties;
import io.dapr.utils.TypeRef;
import io.dapr.v1.AppCallbackHealthCheckGrpc;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Uses every block of the sidecar, and tells what each method of the SDK gave. */
final class Client {
  private static final String STORE = "statestore";
  private static final String BUS = "pubsub";
  private static final String TOPIC = "orders";
  private static final String MARK = "java-client";
  private static final StateOptions FIRST_WRITE =
      new StateOptions(StateOptions.Consistency.STRONG, StateOptions.Concurrency.FIRST_WRITE);

  private final DaprClient client;
  private final DaprPreviewClient preview;
  private final Map<String, Object> found = new TreeMap<>();

  private Client(DaprClient client, DaprPreviewClient preview) {
    this.client = client;
    this.preview = preview;
  }

  /** What is sent about. */
  record Thing(String mark, String kind) {}

  static Map<String, Object> useEverything() throws Exception {
    try (DaprClient client = new DaprClientBuilder().build();
        DaprPreviewClient preview = new DaprClientBuilder().buildPreviewClient()) {
      Client user = new Client(client, preview);
      client.waitForSidecar(20_000).block();
      user.found.put("waitForSidecar", "ready");
      user.state();
      user.severalStates();
      user.publish();
      user.invoke();
      user.stream();
      user.rest();
      user.otherSidecars();
      user.found.put("close", "closed");
      return user.found;
    }
  }

  private String text(String key) {
    return client.getState(STORE, key, String.class).block().getValue();
  }

  private void state() {
    client.saveState(STORE, "java", new Thing(MARK, "object")).block();
    State<Thing> saved = client.getState(STORE, "java", Thing.class).block();
    found.put("getState", List.of(saved.getValue().kind(), saved.getEtag()));
    client.saveState(STORE, "java", saved.getEtag(), "second", FIRST_WRITE).block();
    String late = refusal(() -> client.saveState(STORE, "java", saved.getEtag(), "late", FIRST_WRITE).block());
    found.put("saveState", List.of(text("java"), late));
    String lateDelete = refusal(() -> client.deleteState(STORE, "java", saved.getEtag(), FIRST_WRITE).block());
    client.deleteState(STORE, "java").block();
    found.put("deleteState", List.of(String.valueOf(text("java")), lateDelete));
    found.put("queryState", refusal(() -> preview.queryState(STORE, "{\"filter\":{}}", String.class).block()));
  }

  private void severalStates() {
    client.saveBulkState(STORE, List.of(new State<>("java-1", "one", ""), new State<>("java-2", "two", ""))).block();
    found.put("saveBulkState", "saved");
    Map<String, String> values = new TreeMap<>();
    for (State<String> item : client.getBulkState(STORE, List.of("java-1", "java-2", "java-none"), String.class).block()) {
      values.put(item.getKey(), String.valueOf(item.getValue()));
    }
    found.put("getBulkState", values);
    client.executeStateTransaction(STORE, List.of(
        new TransactionalStateOperation<>(OperationType.UPSERT, new State<>("java-tx", "done", "")),
        new TransactionalStateOperation<>(OperationType.DELETE, new State<>("java-1")))).block();
    found.put("executeStateTransaction", List.of(text("java-tx"), String.valueOf(text("java-1"))));
  }

  private void publish() {
    client.publishEvent(BUS, TOPIC, new Thing(MARK, "object")).block();
    PublishEventRequest request = new PublishEventRequest(BUS, TOPIC, MARK + " text").setContentType("text/plain");
    client.publishEvent(request.setMetadata(Map.of("ttlInSeconds", "60"))).block();
    CloudEvent<Thing> event =
        new CloudEvent<>(MARK, "java", "mine", "1.0", "application/json", new Thing(MARK, "event"));
    client.publishEvent(new PublishEventRequest(BUS, TOPIC, event).setContentType(CloudEvent.CONTENT_TYPE)).block();
    found.put("publishEvent", refusal(() -> client.publishEvent("nowhere", TOPIC, "x").block()));
    List<BulkPublishEntry<Object>> entries = List.of(
        new BulkPublishEntry<>("1", MARK + " bulk", "text/plain", Map.of()),
        new BulkPublishEntry<>("2", new Thing(MARK, "bulk"), "application/json", Map.of()));
    int failed = preview.publishEvents(new BulkPublishRequest<>(BUS, TOPIC, entries)).block().getFailedEntries().size();
    String nowhere = refusal(() -> preview.publishEvents("nowhere", TOPIC, "text/plain", List.of("x")).block());
    found.put("publishEvents", List.of(failed, nowhere));
  }

  private void invoke() {
    String callee = System.getenv("CALLEE");
    Map<String, String> verbs = new TreeMap<>();
    for (HttpExtension verb : List.of(HttpExtension.POST, HttpExtension.PUT)) {
      String name = verb.getMethod().name();
      Thing sent = new Thing(MARK, name);
      verbs.put(name, client.invokeMethod(callee, "java/echo", sent, verb, Thing.class).block().kind());
    }
    client.invokeMethod(callee, "java/gone", null, HttpExtension.DELETE).block(); // the SDK sends no body with it
    HttpExtension query = new HttpExtension(
        HttpExtension.GET.getMethod(), Map.of("q", List.of("a b", "c&d")), Map.of("x-mine", "yes"));
    String got = client.invokeMethod(callee, "java/hello", null, query, byte[].class).map(String::new).block();
    String missing = refusal(() -> client.invokeMethod(callee, "status/404", null, HttpExtension.GET).block());
    String nobody = refusal(() -> client.invokeMethod("nobody-of-that-name", "x", null, HttpExtension.GET).block());
    byte[] large = new byte[1_000_000];
    int length = client.invokeMethod(callee, "java/large", large, HttpExtension.POST, Map.of()).block().length;
    found.put("invokeMethod", List.of(verbs, got, length, missing, nobody));
  }

  /** Receives events over the client's own connection, by a listener and as a flux. */
  private void stream() throws Exception {
    CountDownLatch two = new CountDownLatch(2);
    ConcurrentSkipListSet<String> seen = new ConcurrentSkipListSet<>();
    SubscriptionListener<String> listener = new SubscriptionListener<>() {
      @Override
      public Mono<Status> onEvent(CloudEvent<String> event) {
        seen.add(event.getData());
        two.countDown();
        return Mono.just(Status.SUCCESS);
      }

      @Override
      public void onError(RuntimeException error) {
        seen.add(String.valueOf(error.getMessage()));
      }
    };
    Subscription<?> subscription = preview.subscribeToEvents(BUS, "java-heard", listener, TypeRef.STRING);
    awaitSubscription("java-heard");
    client.publishEvent(new PublishEventRequest(BUS, "java-heard", "one").setContentType("text/plain")).block();
    client.publishEvent(new PublishEventRequest(BUS, "java-heard", "two").setContentType("text/plain")).block();
    two.await(20, TimeUnit.SECONDS);
    subscription.close();
    String flowed = first(preview.subscribeToEvents(BUS, "java-flux", TypeRef.STRING), "java-flux");
    found.put("subscribeToEvents", List.of(seen, flowed));
    found.put("subscribeToTopic", first(preview.subscribeToTopic(BUS, "java-topic", TypeRef.STRING), "java-topic"));
  }

  /** The first event of a flux, once it is subscribed and something is published. */
  private String first(Flux<String> events, String topic) throws Exception {
    var waiting = events.next().toFuture();
    awaitSubscription(topic);
    client.publishEvent(new PublishEventRequest(BUS, topic, "flowed").setContentType("text/plain")).block();
    return waiting.get(20, TimeUnit.SECONDS);
  }

  private void awaitSubscription(String topic) throws InterruptedException {
    while (client.getMetadata().block().getSubscriptions().stream().noneMatch(each -> each.getTopic().equals(topic))) {
      Thread.sleep(20);
    }
  }

  private void rest() {
    Map<String, String> file = Map.of("fileName", "java.txt");
    client.invokeBinding("files", "create", "from Java".getBytes(), file).block();
    String read = new String(client.invokeBinding("files", "get", new byte[0], file).block());
    found.put("invokeBinding", List.of(read, refusal(() -> client.invokeBinding("nowhere", "create", "x").block())));
    Map<String, String> secret = client.getSecret("secrets", "mysecret").block();
    found.put("getSecret", List.of(secret, refusal(() -> client.getSecret("secrets", "nothing").block())));
    found.put("getBulkSecret", client.getBulkSecret("secrets").block());
    var about = client.getMetadata().block();
    List<String> components = about.getComponents().stream().map(ComponentMetadata::getName).sorted().toList();
    found.put("getMetadata", List.of(about.getId(), components));
    found.put("newGrpcStub", List.of(healthOf(System.getenv("PROXIED")), healthOf("nobody-of-that-name")));
  }

  private String healthOf(String application) {
    Metadata asker = new Metadata();
    asker.put(Metadata.Key.of("asker", Metadata.ASCII_STRING_MARSHALLER), MARK);
    var stub = client.newGrpcStub(application, AppCallbackHealthCheckGrpc::newBlockingStub)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(asker));
    return refusal(() -> stub.healthCheck(Empty.getDefaultInstance()));
  }

  /** Calls a sidecar that wants a token, without and with it, and ends another. */
  private void otherSidecars() throws Exception {
    String guarded = System.getenv("GUARDED_GRPC_PORT");
    try (DaprClient stranger = at(guarded).build();
        DaprClient friend = at(guarded).withPropertyOverride(Properties.API_TOKEN, System.getenv("GUARDED_TOKEN")).build();
        DaprClient ending = at(System.getenv("ENDING_GRPC_PORT")).build()) {
      String refused = refusal(() -> stranger.getMetadata().block());
      found.put("token", List.of(refused, friend.getMetadata().block().getId()));
      ending.shutdown().block();
      found.put("shutdown", "ending");
    }
  }

  private static DaprClientBuilder at(String port) {
    return new DaprClientBuilder().withPropertyOverride(Properties.GRPC_PORT, port);
  }
}
