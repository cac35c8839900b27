"""Who deletes messages and preferences: our own processes, once they were kept long enough; people mark and choose."""

from shared.tenancy import IS_SERVICE, SAME_TENANT

DELETED_BY = f"{SAME_TENANT} and {IS_SERVICE}"
