package carbonite;

import com.esotericsoftware.kryo.Kryo;

/**
 * What Storm's serialization asks of carbonite. The real one registers serializers for Clojure's own values; those
 * of tuples from and to Python are Java's, so that none is needed.
 */
public final class JavaBridge {
    private JavaBridge() {}

    public static void registerPrimitives(Kryo kryo) {}

    public static void registerCollections(Kryo kryo) {}
}
