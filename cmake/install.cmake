# The installed package: the command, the library with its headers, the tables, the CMake config.

include(CMakePackageConfigHelpers)

install(TARGETS wattention RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS wattention_library EXPORT wattention_targets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
# The front door, and behind it what it includes: vector code and pictures stay inside.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/wattention DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.hpp")
foreach(folder sim models reports measure)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder}
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/wattention/internal
          FILES_MATCHING PATTERN "*.hpp"
          PATTERN "fast/vectors.hpp" EXCLUDE PATTERN "fast/sums_of_terms.hpp" EXCLUDE
          PATTERN "fast/targets.hpp" EXCLUDE PATTERN "reports/plots" EXCLUDE
          PATTERN "reports/page" EXCLUDE)
endforeach()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/energy_tables
        DESTINATION ${CMAKE_INSTALL_DATADIR}/wattention)
# Written by the command itself; a build for another machine cannot run it.
function(install_completion shell file)
  install(CODE "
    set(file \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/${file}\")
    cmake_path(GET file PARENT_PATH folder)
    file(MAKE_DIRECTORY \"\${folder}\")
    execute_process(COMMAND \"$<TARGET_FILE:wattention>\" completion ${shell}
                    OUTPUT_FILE \"\${file}\" COMMAND_ERROR_IS_FATAL ANY)
    message(STATUS \"Installing: \${file}\")")
endfunction()
if(NOT CMAKE_CROSSCOMPILING)
  install_completion(bash bash-completion/completions/wattention)
  install_completion(zsh zsh/site-functions/_wattention)
endif()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/wattention)
install(EXPORT wattention_targets NAMESPACE wattention:: FILE wattention-targets.cmake
        DESTINATION ${package_folder})
file(WRITE ${PROJECT_BINARY_DIR}/wattention-config.cmake
"include(CMakeFindDependencyMacro)
find_dependency(fmt)
find_dependency(nlohmann_json)
include(\"\${CMAKE_CURRENT_LIST_DIR}/wattention-targets.cmake\")
")
write_basic_package_version_file(${PROJECT_BINARY_DIR}/wattention-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/wattention-config.cmake
              ${PROJECT_BINARY_DIR}/wattention-config-version.cmake
        DESTINATION ${package_folder})
