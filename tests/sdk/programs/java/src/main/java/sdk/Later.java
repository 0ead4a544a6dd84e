package sdk;

import static sdk.Main.refusal;

import io.dapr.client.DaprClient;
import io.dapr.client.DaprClientBuilder;
import io.dapr.client.DaprPreviewClient;
import io.dapr.client.domain.ConversationInput;
import io.dapr.client.domain.ConversationInputAlpha2;
import io.dapr.client.domain.ConversationMessageContent;
import io.dapr.client.domain.ConversationRequest;
import io.dapr.client.domain.ConversationRequestAlpha2;
import io.dapr.client.domain.DecryptRequestAlpha1;
import io.dapr.client.domain.DeleteJobRequest;
import io.dapr.client.domain.EncryptRequestAlpha1;
import io.dapr.client.domain.GetJobRequest;
import io.dapr.client.domain.JobSchedule;
import io.dapr.client.domain.ScheduleJobRequest;
import io.dapr.client.domain.UserMessage;
import io.dapr.workflows.Workflow;
import io.dapr.workflows.WorkflowStub;
import io.dapr.workflows.client.DaprWorkflowClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import reactor.core.publisher.Flux;

/** Tries what the SDK offers beyond the blocks that are in service. */
final class Later {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Later() {}

  /** A workflow that nobody runs yet. */
  public static final class Order implements Workflow {
    @Override
    public WorkflowStub create() {
      return context -> context.complete("done");
    }
  }

  static Map<String, String> tryEverything() throws Exception {
    Map<String, Main.Call> attempts = new TreeMap<>();
    try (DaprClient client = new DaprClientBuilder().build();
        DaprPreviewClient preview = new DaprClientBuilder().buildPreviewClient();
        DaprWorkflowClient workflows = new DaprWorkflowClient()) {
      configuration(client, attempts);
      jobs(client, attempts);
      previews(preview, attempts);
      workflows(workflows, attempts);
      Map<String, String> found = new TreeMap<>();
      attempts.forEach((name, call) -> found.put(name, refusal(call)));
      return found;
    }
  }

  private static void configuration(DaprClient client, Map<String, Main.Call> attempts) {
    attempts.put("getConfiguration", () -> client.getConfiguration("settings", "a").block());
    attempts.put("subscribeConfiguration", () -> client.subscribeConfiguration("settings", "a").blockFirst());
    attempts.put("unsubscribeConfiguration", () -> {
      var answer = client.unsubscribeConfiguration("id", "settings").block();
      if (!answer.getIsUnsubscribed()) {
        throw new IllegalStateException(answer.getMessage());
      }
    });
  }

  private static void jobs(DaprClient client, Map<String, Main.Call> attempts) {
    ScheduleJobRequest job = new ScheduleJobRequest("job", JobSchedule.hourly());
    attempts.put("scheduleJob", () -> client.scheduleJob(job).block());
    attempts.put("getJob", () -> client.getJob(new GetJobRequest("job")).block());
    attempts.put("deleteJob", () -> client.deleteJob(new DeleteJobRequest("job")).block());
  }

  private static void previews(DaprPreviewClient preview, Map<String, Main.Call> attempts) {
    attempts.put("tryLock", () -> preview.tryLock("locks", "resource", "owner", 5).block());
    attempts.put("unlock", () -> preview.unlock("locks", "resource", "owner").block());
    EncryptRequestAlpha1 sealing = new EncryptRequestAlpha1("vault", Flux.just("text".getBytes()), "key", "RSA");
    attempts.put("encrypt", () -> preview.encrypt(sealing).blockLast());
    DecryptRequestAlpha1 opening = new DecryptRequestAlpha1("vault", Flux.just("text".getBytes()));
    attempts.put("decrypt", () -> preview.decrypt(opening).blockLast());
    ConversationRequest old = new ConversationRequest("llm", List.of(new ConversationInput("hi")));
    attempts.put("converse", () -> preview.converse(old).block());
    UserMessage hello = new UserMessage(List.of(new ConversationMessageContent("hi")));
    ConversationRequestAlpha2 request =
        new ConversationRequestAlpha2("llm", List.of(new ConversationInputAlpha2(List.of(hello))));
    attempts.put("converseAlpha2", () -> preview.converseAlpha2(request).block());
  }

  private static void workflows(DaprWorkflowClient client, Map<String, Main.Call> attempts) {
    Map<String, Main.Call> tried = new TreeMap<>();
    tried.put("scheduleNewWorkflow", () -> client.scheduleNewWorkflow(Order.class));
    tried.put("suspendWorkflow", () -> client.suspendWorkflow("one", "why"));
    tried.put("resumeWorkflow", () -> client.resumeWorkflow("one", "why"));
    tried.put("terminateWorkflow", () -> client.terminateWorkflow("one", null));
    tried.put("getInstanceState", () -> client.getInstanceState("one", false));
    tried.put("waitForInstanceStart", () -> client.waitForInstanceStart("one", PATIENCE, false));
    tried.put("waitForInstanceCompletion", () -> client.waitForInstanceCompletion("one", PATIENCE, false));
    tried.put("raiseEvent", () -> client.raiseEvent("one", "paid", 1));
    tried.put("purgeInstance", () -> client.purgeInstance("one"));
    tried.put("getWorkflowState", () -> client.getWorkflowState("one", false));
    tried.put("waitForWorkflowStart", () -> client.waitForWorkflowStart("one", PATIENCE, false));
    tried.put("waitForWorkflowCompletion", () -> client.waitForWorkflowCompletion("one", PATIENCE, false));
    tried.put("purgeWorkflow", () -> client.purgeWorkflow("one"));
    tried.forEach((name, call) -> attempts.put("DaprWorkflowClient." + name, call));
  }
}
