/* The policy of the whistle's stories: six forces, two streets and an estate, on the
 * calendar of case_policy.h. */
#ifndef CHUISHAO_WHISTLE_POLICY_H
#define CHUISHAO_WHISTLE_POLICY_H

#include "policy.h"

const struct policy *whistle_policy(void);

#endif
