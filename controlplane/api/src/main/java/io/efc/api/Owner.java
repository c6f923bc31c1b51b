package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** To whom a dataset's files belong. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class Owner {
    /** User id. */
    @Required
    private @Nullable Long uid;

    /** Group id. */
    @Required
    private @Nullable Long gid;

    /** User name. */
    @Required
    private @Nullable String user;

    /** Group name. */
    @Required
    private @Nullable String group;

    public @Nullable Long getUid() {
        return uid;
    }

    public void setUid(@Nullable Long uid) {
        this.uid = uid;
    }

    public @Nullable Long getGid() {
        return gid;
    }

    public void setGid(@Nullable Long gid) {
        this.gid = gid;
    }

    public @Nullable String getUser() {
        return user;
    }

    public void setUser(@Nullable String user) {
        this.user = user;
    }

    public @Nullable String getGroup() {
        return group;
    }

    public void setGroup(@Nullable String group) {
        this.group = group;
    }
}
