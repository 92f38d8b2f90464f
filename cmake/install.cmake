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
  # Debian's zsh looks elsewhere for what packages bring.
  install(CODE "
    set(zsh_folder zsh/site-functions)
    if(\"\${CMAKE_INSTALL_PREFIX}\" MATCHES \"/usr$\" AND EXISTS /etc/debian_version)
      set(zsh_folder zsh/vendor-completions)
    endif()")
  install_completion(zsh "\${zsh_folder}/_wattention")
  install(CODE "
    execute_process(COMMAND \"${CMAKE_COMMAND}\" \"-DCOMMAND=$<TARGET_FILE:wattention>\"
                            \"-DVERSION=${version}\"
                            \"-DOUTPUT=\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_MANDIR}/man1/wattention.1\"
                            -P \"${PROJECT_SOURCE_DIR}/cmake/man_page.cmake\"
                    COMMAND_ERROR_IS_FATAL ANY)")
endif()
file(READ ${PROJECT_SOURCE_DIR}/NOTICE notice)
file(WRITE ${PROJECT_BINARY_DIR}/copyright "${notice}
On Debian systems the licence stands in /usr/share/common-licenses/Apache-2.0.
")
install(FILES ${PROJECT_BINARY_DIR}/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})

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

# `cpack -G DEB` in the build folder makes a Debian package of all this.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME wattention)
set(CPACK_PACKAGE_VENDOR "The Wattention authors")
set(CPACK_PACKAGE_CONTACT "The Wattention authors <wattention@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gnuplot-nox")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "g++, cmake, libfmt-dev, nlohmann-json3-dev")
include(CPack)
