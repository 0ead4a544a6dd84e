package cats;

import io.dapr.actors.ActorId;
import io.dapr.actors.runtime.AbstractActor;
import io.dapr.actors.runtime.ActorRuntimeContext;
import io.dapr.actors.runtime.ActorStateManager;
import io.dapr.actors.runtime.Remindable;
import io.dapr.utils.TypeRef;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Mono;

/** The application's actor; it tells when it comes and goes. */
public final class CatImpl extends AbstractActor implements Cat, Remindable<String> {
  private static final Duration SOON = Duration.ofMillis(50);
  private static final Map<String, Integer> NAPS = new ConcurrentHashMap<>();
  private static final CyclicBarrier BOTH = new CyclicBarrier(2);

  public CatImpl(ActorRuntimeContext<CatImpl> context, ActorId id) {
    super(context, id);
  }

  @Override
  protected Mono<Void> onActivate() {
    Main.tell(Map.of("activated", getId().toString()));
    return super.onActivate();
  }

  @Override
  protected Mono<Void> onDeactivate() {
    Main.tell(Map.of("deactivated", getId().toString()));
    return super.onDeactivate();
  }

  private <T> Mono<T> known(String name, Class<T> type) {
    ActorStateManager state = getActorStateManager();
    return state.contains(name).flatMap(there -> there ? state.get(name, type) : Mono.empty());
  }

  @Override
  public Mono<Map<String, Object>> eat(Map<String, String> meal) {
    ActorStateManager state = getActorStateManager();
    return known("meals", Integer.class).defaultIfEmpty(0)
        .flatMap(meals -> state.set("meals", meals + 1))
        .then(Mono.defer(() -> state.set("meal", meal.get("meal"))))
        .thenReturn(Map.of("id", getId().toString(), "ate", meal.get("meal")));
  }

  @Override
  public Mono<Map<String, Object>> recall() {
    Map<String, Object> memory = new LinkedHashMap<>();
    return known("meal", String.class).doOnNext(meal -> memory.put("meal", meal))
        .then(Mono.defer(() -> known("meals", Integer.class)))
        .doOnNext(meals -> memory.put("meals", meals))
        .thenReturn(memory);
  }

  @Override
  public String refuse() {
    throw new IllegalStateException("no more fish");
  }

  @Override
  public String meet() {
    try {
      BOTH.await(20, TimeUnit.SECONDS);
    } catch (Exception nobody) {
      throw new IllegalStateException(nobody);
    }
    return getId().toString();
  }

  @Override
  public Mono<String> nap() {
    return registerActorTimer("nap", "wake", "mice", SOON, SOON);
  }

  @Override
  public void wake(String dream) {
    NAPS.merge(getId() + " of " + dream, 1, Integer::sum);
  }

  @Override
  public int naps() {
    return NAPS.getOrDefault(getId() + " of mice", 0);
  }

  @Override
  public Mono<String> rise() {
    return unregisterTimer("nap").thenReturn("risen");
  }

  /** Answers with the refusal: what an actor's error says the SDK keeps to itself. */
  @Override
  public Mono<String> remember() {
    return refusal(registerReminder("vet", "soon", SOON, SOON));
  }

  @Override
  public Mono<String> forget() {
    return refusal(unregisterReminder("vet"));
  }

  private static Mono<String> refusal(Mono<Void> call) {
    return call.thenReturn("none: it gave nothing").onErrorResume(error -> Mono.just(String.valueOf(error.getMessage())));
  }

  @Override
  public TypeRef<String> getStateType() {
    return TypeRef.STRING;
  }

  @Override
  public Mono<Void> receiveReminder(String name, String state, Duration dueTime, Duration period) {
    Main.tell(Map.of("reminded", name));
    return Mono.empty();
  }
}
