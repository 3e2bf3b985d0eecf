/* Areas on the earth, and which of them hold a point. Coordinates are degrees of
 * longitude and latitude; areas and points need the same datum. By GEOS, whose
 * version 3.11 takes a point only as a geometry: each query allocates twice and frees it
 * before it returns. */
#ifndef CHUISHAO_GEO_H
#define CHUISHAO_GEO_H

#include "error.h"
#include "str.h"
#include <stdint.h>

/* One thread at a time. */
struct geo;

/* Ends the process when there is no memory. */
struct geo *geo_open(void);
void geo_close(struct geo *geo);

/* Adds one area, a Polygon or MultiPolygon as GeoJSON (RFC 7946) with two numbers a
 * position; areas are counted from 0 in this order. ERR_INVALID bad_area says what is
 * wrong with it; then it is not counted. */
MUST_USE bool geo_add(struct geo *geo, const char *geojson, struct error *err);

/* The areas that hold the point, those on whose border it lies too, in no order; at most
 * max go to out, returns how many. None may be added afterwards. */
size_t geo_at(struct geo *geo, double lon, double lat, uint32_t *out, size_t max);

/* The areas whose boxes meet that of `area`, itself too, as geo_at. */
size_t geo_near(struct geo *geo, uint32_t area, uint32_t *out, size_t max);

/* How much of the smaller one of two areas lies in the other, 0 to 1. */
double geo_shared(struct geo *geo, uint32_t a, uint32_t b);

#endif
