#include "geo.h"

#include <geos_c.h>
#include <stdio.h>
#include <stdlib.h>

struct area {
    GEOSGeometry *shape;
    const GEOSPreparedGeometry *prepared;
};

struct geo {
    GEOSContextHandle_t geos;
    GEOSGeoJSONReader *reader;
    GEOSSTRtree *tree; /* built by its first query */
    struct area *areas;
    size_t n, room;
    char said[160]; /* GEOS's last complaint */
};

static void note(const char *text, void *ctx)
{
    struct geo *geo = ctx;
    (void)snprintf(geo->said, sizeof geo->said, "%s", text);
}

static void *needed(void *memory)
{
    if (!memory) {
        (void)fputs("geo: out of memory\n", stderr);
        abort();
    }
    return memory;
}

struct geo *geo_open(void)
{
    enum { TREE_NODE_CAPACITY = 10 };
    struct geo *geo = needed(calloc(1, sizeof *geo));
    geo->geos = needed(GEOS_init_r());
    (void)GEOSContext_setErrorMessageHandler_r(geo->geos, note, geo);
    geo->reader = needed(GEOSGeoJSONReader_create_r(geo->geos));
    geo->tree = needed(GEOSSTRtree_create_r(geo->geos, TREE_NODE_CAPACITY));
    return geo;
}

void geo_close(struct geo *geo)
{
    if (!geo)
        return;
    GEOSSTRtree_destroy_r(geo->geos, geo->tree);
    for (size_t i = 0; i < geo->n; i++) {
        GEOSPreparedGeom_destroy_r(geo->geos, geo->areas[i].prepared);
        GEOSGeom_destroy_r(geo->geos, geo->areas[i].shape);
    }
    GEOSGeoJSONReader_destroy_r(geo->geos, geo->reader);
    GEOS_finish_r(geo->geos);
    free(geo->areas);
    free(geo);
}

static bool on_earth(GEOSContextHandle_t geos, const GEOSGeometry *shape)
{
    double west, east, south, north;
    return GEOSGeom_getXMin_r(geos, shape, &west) &&
           GEOSGeom_getXMax_r(geos, shape, &east) &&
           GEOSGeom_getYMin_r(geos, shape, &south) &&
           GEOSGeom_getYMax_r(geos, shape, &north) && west >= -180 && east <= 180 &&
           south >= -90 && north <= 90;
}

static bool check(struct geo *geo, const GEOSGeometry *shape, struct error *err)
{
    int type = GEOSGeomTypeId_r(geo->geos, shape);
    if ((type != GEOS_POLYGON && type != GEOS_MULTIPOLYGON) ||
            GEOSisEmpty_r(geo->geos, shape))
        return error_set(err, ERR_INVALID, "bad_area", "is no area; draw a polygon");
    if (!on_earth(geo->geos, shape))
        return error_set(err, ERR_INVALID, "bad_area",
                "lies outside of longitude -180 to 180 and latitude -90 to 90; a "
                "position is [longitude, latitude]");
    if (GEOSisValid_r(geo->geos, shape) == 1)
        return true;
    char *why = GEOSisValidReason_r(geo->geos, shape);
    (void)error_set(err, ERR_INVALID, "bad_area", "is no valid area: %.120s",
            why ? why : geo->said);
    GEOSFree_r(geo->geos, why);
    return false;
}

bool geo_add(struct geo *geo, const char *geojson, struct error *err)
{
    enum { ROOM = 64 };
    GEOSGeometry *shape = GEOSGeoJSONReader_readGeometry_r(
            geo->geos, geo->reader, geojson);
    if (!shape)
        return error_set(
                err, ERR_INVALID, "bad_area", "cannot be read: %.120s", geo->said);
    if (!check(geo, shape, err)) {
        GEOSGeom_destroy_r(geo->geos, shape);
        return false;
    }
    if (geo->n == geo->room) {
        geo->room = geo->room ? 2 * geo->room : ROOM;
        geo->areas = needed(realloc(geo->areas, geo->room * sizeof *geo->areas));
    }
    geo->areas[geo->n] = (struct area){
            shape, needed((void *)(uintptr_t)GEOSPrepare_r(geo->geos, shape))};
    GEOSSTRtree_insert_r(geo->geos, geo->tree, shape, (void *)(uintptr_t)geo->n);
    geo->n++;
    return true;
}

struct search {
    struct geo *geo;
    const GEOSGeometry *point; /* NULL: the box is all that counts */
    uint32_t *out;
    size_t n, max;
};

static void meet(void *item, void *ctx)
{
    struct search *search = ctx;
    size_t area = (uintptr_t)item;
    if (search->n < search->max &&
            (!search->point ||
                    GEOSPreparedIntersects_r(search->geo->geos,
                            search->geo->areas[area].prepared, search->point) == 1))
        search->out[search->n++] = (uint32_t)area;
}

size_t geo_at(struct geo *geo, double lon, double lat, uint32_t *out, size_t max)
{
    GEOSGeometry *point = needed(GEOSGeom_createPointFromXY_r(geo->geos, lon, lat));
    struct search search = {geo, point, out, 0, max};
    GEOSSTRtree_query_r(geo->geos, geo->tree, point, meet, &search);
    GEOSGeom_destroy_r(geo->geos, point);
    return search.n;
}

size_t geo_near(struct geo *geo, uint32_t area, uint32_t *out, size_t max)
{
    struct search search = {geo, NULL, out, 0, max};
    GEOSSTRtree_query_r(geo->geos, geo->tree, geo->areas[area].shape, meet, &search);
    return search.n;
}

double geo_shared(struct geo *geo, uint32_t a, uint32_t b)
{
    double of_a = 0, of_b = 0, both = 0;
    GEOSGeometry *common = GEOSIntersection_r(
            geo->geos, geo->areas[a].shape, geo->areas[b].shape);
    (void)GEOSArea_r(geo->geos, geo->areas[a].shape, &of_a);
    (void)GEOSArea_r(geo->geos, geo->areas[b].shape, &of_b);
    if (common)
        (void)GEOSArea_r(geo->geos, common, &both);
    GEOSGeom_destroy_r(geo->geos, common);
    double smaller = of_a < of_b ? of_a : of_b;
    return smaller > 0 ? both / smaller : 0;
}
