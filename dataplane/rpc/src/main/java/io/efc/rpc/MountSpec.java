package io.efc.rpc;

import java.util.Map;

/**
 * One mount of a dataset, as the master hands it to workers and clients. It may carry the store's credentials: only authenticated peers get it.
 *
 * @param name the mount's name in the Dataset
 * @param path where it appears in the dataset's tree, {@code /} or {@code /name}
 * @param mountPoint scheme and place of the store
 */
public record MountSpec(String name, String path, String mountPoint, Map<String, String> options, boolean readOnly) {
    public MountSpec {
        options = Map.copyOf(options);
    }

    public void encode(Wire.Writer out) {
        out.string(name).string(path).string(mountPoint).map(options).u8(readOnly ? 1 : 0);
    }

    public static MountSpec decode(Wire.Reader in) {
        return new MountSpec(in.string(), in.string(), in.string(), in.map(), in.u8() != 0);
    }

    /** Without the options' values, which may be secrets. */
    @Override
    public String toString() {
        return name + " " + mountPoint + " at " + path + " " + options.keySet();
    }
}
