package sdk;

import static sdk.Main.tell;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import io.dapr.v1.AppCallbackAlphaGrpc;
import io.dapr.v1.AppCallbackGrpc;
import io.dapr.v1.AppCallbackHealthCheckGrpc;
import io.dapr.v1.CommonProtos.InvokeRequest;
import io.dapr.v1.CommonProtos.InvokeResponse;
import io.dapr.v1.DaprAppCallbackProtos.BindingEventRequest;
import io.dapr.v1.DaprAppCallbackProtos.BindingEventResponse;
import io.dapr.v1.DaprAppCallbackProtos.BulkSubscribeConfig;
import io.dapr.v1.DaprAppCallbackProtos.HealthCheckResponse;
import io.dapr.v1.DaprAppCallbackProtos.JobEventRequest;
import io.dapr.v1.DaprAppCallbackProtos.JobEventResponse;
import io.dapr.v1.DaprAppCallbackProtos.ListInputBindingsResponse;
import io.dapr.v1.DaprAppCallbackProtos.ListTopicSubscriptionsResponse;
import io.dapr.v1.DaprAppCallbackProtos.TopicEventBulkRequest;
import io.dapr.v1.DaprAppCallbackProtos.TopicEventBulkResponse;
import io.dapr.v1.DaprAppCallbackProtos.TopicEventBulkResponseEntry;
import io.dapr.v1.DaprAppCallbackProtos.TopicEventRequest;
import io.dapr.v1.DaprAppCallbackProtos.TopicEventResponse;
import io.dapr.v1.DaprAppCallbackProtos.TopicEventResponse.TopicEventResponseStatus;
import io.dapr.v1.DaprAppCallbackProtos.TopicRoutes;
import io.dapr.v1.DaprAppCallbackProtos.TopicRule;
import io.dapr.v1.DaprAppCallbackProtos.TopicSubscription;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** An application on gRPC, as the SDK's examples write one: the generated services filled in. */
final class GrpcApplication {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Metadata.Key<String> CALLER_ID =
      Metadata.Key.of("dapr-caller-app-id", Metadata.ASCII_STRING_MARSHALLER);
  private static final Context.Key<String> CALLER = Context.key("caller");

  private GrpcApplication() {}

  static void run(int port) throws IOException, InterruptedException {
    NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
        .addService(new Callbacks())
        .addService(new AlphaCallbacks())
        .addService(new Health())
        .intercept(new CallerInterceptor())
        .build()
        .start()
        .awaitTermination();
  }

  /** Keeps who calls where a method finds it. */
  private static final class CallerInterceptor implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      Context context = Context.current().withValue(CALLER, String.valueOf(headers.get(CALLER_ID)));
      return Contexts.interceptCall(context, call, headers, next);
    }
  }

  private static <T> void answer(StreamObserver<T> observer, T value) {
    observer.onNext(value);
    observer.onCompleted();
  }

  private static void hear(String name, String type, ByteString data, String contentType) {
    String text = data.toString(StandardCharsets.UTF_8);
    try {
      tell(Map.of("topic", name, "type", type, "data",
          contentType.startsWith("application/json") ? JSON.readValue(text, Object.class) : text));
    } catch (com.fasterxml.jackson.core.JsonProcessingException error) {
      throw new IllegalStateException(error);
    }
  }

  /** Whether the application lives. */
  private static final class Health extends AppCallbackHealthCheckGrpc.AppCallbackHealthCheckImplBase {
    @Override
    public void healthCheck(Empty request, StreamObserver<HealthCheckResponse> observer) {
      tell(Map.of("asked", "health"));
      answer(observer, HealthCheckResponse.getDefaultInstance());
    }
  }

  /** Events in bulk, and jobs, which no sidecar brings until they come. */
  private static final class AlphaCallbacks extends AppCallbackAlphaGrpc.AppCallbackAlphaImplBase {
    @Override
    public void onBulkTopicEventAlpha1(TopicEventBulkRequest request, StreamObserver<TopicEventBulkResponse> observer) {
      TopicEventBulkResponse.Builder response = TopicEventBulkResponse.newBuilder();
      request.getEntriesList().forEach(entry -> {
        var event = entry.getCloudEvent();
        hear("bulk", event.getType(), event.getData(), event.getDataContentType());
        response.addStatuses(TopicEventBulkResponseEntry.newBuilder()
            .setEntryId(entry.getEntryId()).setStatus(TopicEventResponseStatus.SUCCESS));
      });
      answer(observer, response.build());
    }

    @Override
    public void onJobEventAlpha1(JobEventRequest request, StreamObserver<JobEventResponse> observer) {
      tell(Map.of("job", request.getName()));
      answer(observer, JobEventResponse.getDefaultInstance());
    }
  }

  /** Calls, events and bindings. */
  private static final class Callbacks extends AppCallbackGrpc.AppCallbackImplBase {
    private final AtomicInteger again = new AtomicInteger();

    @Override
    public void onInvoke(InvokeRequest request, StreamObserver<InvokeResponse> observer) {
      switch (request.getMethod()) {
        case "greet" -> {
          ByteString said = ByteString.copyFromUtf8("hello ").concat(request.getData().getValue());
          String query = request.getHttpExtension().getQuerystring();
          tell(Map.of("method", "greet", "query", query, "caller", CALLER.get()));
          answer(observer, InvokeResponse.newBuilder()
              .setContentType("text/plain").setData(Any.newBuilder().setValue(said)).build());
        }
        case "fail" -> observer.onError(Status.ABORTED.withDescription("no such order").asRuntimeException());
        default -> observer.onError(Status.UNIMPLEMENTED.asRuntimeException());
      }
    }

    @Override
    public void listTopicSubscriptions(Empty request, StreamObserver<ListTopicSubscriptionsResponse> observer) {
      ListTopicSubscriptionsResponse.Builder list = ListTopicSubscriptionsResponse.newBuilder();
      for (String topic : new String[] {"plain", "binary", "again", "dead"}) {
        list.addSubscriptions(on(topic));
      }
      list.addSubscriptions(on("raw").putMetadata("rawPayload", "true"));
      list.addSubscriptions(on("dropped").setDeadLetterTopic("dead"));
      list.addSubscriptions(on("bulk").setBulkSubscribe(
          BulkSubscribeConfig.newBuilder().setEnabled(true).setMaxMessagesCount(10).setMaxAwaitDurationMs(50)));
      list.addSubscriptions(on("routed").setRoutes(TopicRoutes.newBuilder().setDefault("/usual")
          .addRules(TopicRule.newBuilder().setMatch("event.type == 'special'").setPath("/special"))));
      answer(observer, list.build());
    }

    private static TopicSubscription.Builder on(String topic) {
      return TopicSubscription.newBuilder().setPubsubName("bus").setTopic(topic);
    }

    @Override
    public void onTopicEvent(TopicEventRequest request, StreamObserver<TopicEventResponse> observer) {
      String name = request.getTopic().equals("routed") ? request.getPath().substring(1) : request.getTopic();
      hear(name, request.getType(), request.getData(), request.getDataContentType());
      TopicEventResponseStatus status = switch (name) {
        case "dropped" -> TopicEventResponseStatus.DROP;
        case "again" -> again.incrementAndGet() == 1 ? TopicEventResponseStatus.RETRY : TopicEventResponseStatus.SUCCESS;
        default -> TopicEventResponseStatus.SUCCESS;
      };
      answer(observer, TopicEventResponse.newBuilder().setStatus(status).build());
    }

    @Override
    public void listInputBindings(Empty request, StreamObserver<ListInputBindingsResponse> observer) {
      answer(observer, ListInputBindingsResponse.newBuilder().addBindings("tick").build());
    }

    @Override
    public void onBindingEvent(BindingEventRequest request, StreamObserver<BindingEventResponse> observer) {
      tell(Map.of("binding", request.getName()));
      answer(observer, BindingEventResponse.getDefaultInstance());
    }
  }
}
