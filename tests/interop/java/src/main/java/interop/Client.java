package interop;

import static interop.Protocol.bodySize;
import static interop.Protocol.get;
import static interop.Protocol.set;

import com.google.protobuf.DynamicMessage;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** The client's half of the interoperability cases: {@code Client descriptors port [ca]}. Prints a line per case. */
public final class Client {
    private static final int[] ASKED = {27182, 8, 1828, 45904};
    private static final int[] ANSWERED = {31415, 9, 2653, 58979};
    private static final String SPECIAL =
            "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \ud83d\ude08\t\n";

    private final Protocol protocol;
    private final Channel channel;

    private Client(Protocol protocol, Channel channel) {
        this.protocol = protocol;
        this.channel = channel;
    }

    private interface Case {
        void run() throws Exception;
    }

    /** What a streaming call brings, in order: messages, then a Status. */
    private static final class Answers implements StreamObserver<DynamicMessage> {
        private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();

        @Override
        public void onNext(DynamicMessage answer) {
            events.add(answer);
        }

        @Override
        public void onError(Throwable error) {
            events.add(Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {
            events.add(Status.OK);
        }

        Object next() throws InterruptedException {
            Object event = events.poll(10, TimeUnit.SECONDS);
            check(event != null, "nothing came");
            return event;
        }
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    private static void refused(Status.Code code, Case call) throws Exception {
        try {
            call.run();
        } catch (StatusRuntimeException error) {
            check(error.getStatus().getCode() == code, "got " + error.getStatus());
            return;
        }
        throw new AssertionError("the call succeeded");
    }

    private DynamicMessage unary(Channel through, DynamicMessage request) {
        return ClientCalls.blockingUnaryCall(through, protocol.unary(), CallOptions.DEFAULT, request);
    }

    private DynamicMessage large() {
        DynamicMessage.Builder request = protocol.message("SimpleRequest");
        set(request, "response_size", 314159);
        return set(request, "payload", protocol.payload(271828)).build();
    }

    private DynamicMessage asking(int index) {
        DynamicMessage.Builder request = protocol.message("StreamingOutputCallRequest");
        DynamicMessage size = set(protocol.message("ResponseParameters"), "size", ANSWERED[index]).build();
        set(request, "response_parameters", List.of(size));
        return set(request, "payload", protocol.payload(ASKED[index])).build();
    }

    private DynamicMessage status(int code, String message) {
        DynamicMessage.Builder wanted = protocol.message("EchoStatus");
        set(wanted, "code", code);
        return set(wanted, "message", message).build();
    }

    private void emptyUnary() {
        DynamicMessage answer = ClientCalls.blockingUnaryCall(
                channel, protocol.emptyCall("TestService", "EmptyCall"), CallOptions.DEFAULT, protocol.empty());
        check(answer.getSerializedSize() == 0, "the answer is not empty");
    }

    private void largeUnary() {
        check(bodySize(unary(channel, large())) == 314159, "wrong size");
    }

    private void clientStreaming() throws Exception {
        Answers answers = new Answers();
        StreamObserver<DynamicMessage> requests = ClientCalls.asyncClientStreamingCall(
                channel.newCall(protocol.input(), CallOptions.DEFAULT), answers);
        for (int size : ASKED) {
            requests.onNext(set(protocol.message("StreamingInputCallRequest"), "payload", protocol.payload(size)).build());
        }
        requests.onCompleted();
        check(get((DynamicMessage) answers.next(), "aggregated_payload_size").equals(74922), "wrong sum");
        check(((Status) answers.next()).isOk(), "not ok");
    }

    private void serverStreaming() {
        DynamicMessage.Builder request = protocol.message("StreamingOutputCallRequest");
        List<DynamicMessage> sizes = new ArrayList<>();
        for (int size : ANSWERED) {
            sizes.add(set(protocol.message("ResponseParameters"), "size", size).build());
        }
        Iterator<DynamicMessage> answers = ClientCalls.blockingServerStreamingCall(
                channel, protocol.output(), CallOptions.DEFAULT, set(request, "response_parameters", sizes).build());
        for (int size : ANSWERED) {
            check(bodySize(answers.next()) == size, "wrong size");
        }
        check(!answers.hasNext(), "too many answers");
    }

    private void pingPong() throws Exception {
        Answers answers = new Answers();
        StreamObserver<DynamicMessage> requests =
                ClientCalls.asyncBidiStreamingCall(channel.newCall(protocol.duplex(), CallOptions.DEFAULT), answers);
        for (int index = 0; index < ASKED.length; index++) {
            requests.onNext(asking(index));
            check(bodySize((DynamicMessage) answers.next()) == ANSWERED[index], "wrong size");
        }
        requests.onCompleted();
        check(((Status) answers.next()).isOk(), "not ok");
    }

    private void cancelAfterBegin() throws Exception {
        Answers answers = new Answers();
        ClientCall<DynamicMessage, DynamicMessage> call = channel.newCall(protocol.input(), CallOptions.DEFAULT);
        ClientCalls.asyncClientStreamingCall(call, answers);
        call.cancel("enough", null);
        check(((Status) answers.next()).getCode() == Status.Code.CANCELLED, "not cancelled");
    }

    private void timeoutOnSleepingServer() throws Exception {
        Answers answers = new Answers();
        StreamObserver<DynamicMessage> requests = ClientCalls.asyncBidiStreamingCall(
                channel.newCall(protocol.duplex(), CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.MILLISECONDS)), answers);
        requests.onNext(set(protocol.message("StreamingOutputCallRequest"), "payload", protocol.payload(27182)).build());
        check(((Status) answers.next()).getCode() == Status.Code.DEADLINE_EXCEEDED, "not late");
    }

    private void statusCodeAndMessage() throws Exception {
        String text = "test status message";
        refused(Status.Code.UNKNOWN, () -> unary(
                channel, set(protocol.message("SimpleRequest"), "response_status", status(2, text)).build()));
        Answers answers = new Answers();
        StreamObserver<DynamicMessage> requests =
                ClientCalls.asyncBidiStreamingCall(channel.newCall(protocol.duplex(), CallOptions.DEFAULT), answers);
        requests.onNext(set(protocol.message("StreamingOutputCallRequest"), "response_status", status(2, text)).build());
        requests.onCompleted();
        Status end = (Status) answers.next();
        check(end.getCode() == Status.Code.UNKNOWN && text.equals(end.getDescription()), "got " + end);
    }

    private void specialStatusMessage() {
        try {
            unary(channel, set(protocol.message("SimpleRequest"), "response_status", status(2, SPECIAL)).build());
        } catch (StatusRuntimeException error) {
            check(SPECIAL.equals(error.getStatus().getDescription()), "got " + error.getStatus());
            return;
        }
        throw new AssertionError("the call succeeded");
    }

    private void unimplemented(String service) throws Exception {
        MethodDescriptor<DynamicMessage, DynamicMessage> method = protocol.emptyCall(service, "UnimplementedCall");
        refused(Status.Code.UNIMPLEMENTED,
                () -> ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, protocol.empty()));
    }

    private void customMetadata() {
        Metadata sent = new Metadata();
        sent.put(Server.INITIAL, "test_initial_metadata_value");
        sent.put(Server.TRAILING, new byte[] {(byte) 0xab, (byte) 0xab, (byte) 0xab});
        AtomicReference<Metadata> headers = new AtomicReference<>();
        AtomicReference<Metadata> trailers = new AtomicReference<>();
        unary(ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(sent),
                MetadataUtils.newCaptureMetadataInterceptor(headers, trailers)), large());
        check("test_initial_metadata_value".equals(headers.get().get(Server.INITIAL)), "no initial metadata");
        check(Arrays.equals(sent.get(Server.TRAILING), trailers.get().get(Server.TRAILING)), "no trailing metadata");
    }

    private Map<String, Case> cases() {
        Map<String, Case> cases = new LinkedHashMap<>();
        cases.put("empty_unary", this::emptyUnary);
        cases.put("large_unary", this::largeUnary);
        cases.put("client_streaming", this::clientStreaming);
        cases.put("server_streaming", this::serverStreaming);
        cases.put("ping_pong", this::pingPong);
        cases.put("cancel_after_begin", this::cancelAfterBegin);
        cases.put("timeout_on_sleeping_server", this::timeoutOnSleepingServer);
        cases.put("status_code_and_message", this::statusCodeAndMessage);
        cases.put("special_status_message", this::specialStatusMessage);
        cases.put("unimplemented_method", () -> unimplemented("TestService"));
        cases.put("unimplemented_service", () -> unimplemented("UnimplementedService"));
        cases.put("custom_metadata", this::customMetadata);
        return cases;
    }

    public static void main(String[] args) throws Exception {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress("localhost", Integer.parseInt(args[1]));
        if (args.length > 2) {
            builder.sslContext(GrpcSslContexts.forClient().trustManager(new File(args[2])).build());
        } else {
            builder.usePlaintext();
        }
        ManagedChannel channel = builder.build();
        for (Map.Entry<String, Case> entry : new Client(new Protocol(Path.of(args[0])), channel).cases().entrySet()) {
            try {
                entry.getValue().run();
                System.out.println(entry.getKey() + " ok");
            } catch (Exception | AssertionError error) {
                System.out.println(entry.getKey() + " FAILED: " + error);
            }
        }
        channel.shutdownNow();
    }
}
